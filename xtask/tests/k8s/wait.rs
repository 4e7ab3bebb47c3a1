//! `k8s wait`.

use std::thread;
use std::time::Duration;

use fake_kube::objects::{application, deployment, node, service};
use fake_kube::{FakeKube, Fault, Verb};
use serde_json::{Value, json};

use crate::Bed;
use crate::support::Ran;

/// How long a test waits for what must come.
pub const LIMIT: Duration = Duration::from_secs(20);

/// Runs `k8s wait` with these words, and does something as soon as it watches.
fn meanwhile(bed: &Bed, words: &str, watches: usize, act: impl FnOnce(&FakeKube)) -> Ran {
    thread::scope(|scope| {
        let call = bed.k8s(&format!("wait {words} --timeout 30s"));
        let running = scope.spawn(|| call.run());
        bed.kube.wait_for(LIMIT, |kube| kube.open_watches() == watches);
        act(&bed.kube);
        running.join().unwrap()
    })
}

#[test]
fn what_is_ready_already_is_said_at_once() {
    let bed = Bed::new();
    bed.kube.apply(&service("argocd", "argocd-server").load_balancer("172.18.255.20"));
    bed.kube.apply(&deployment("argocd", "argocd-server", 2, 2));
    bed.kube.apply(&node("kind-control-plane"));
    bed.kube.apply(&application("argocd", "root").health("Healthy", "").sync("Synced"));
    let objects =
        "svc/argocd/argocd-server deploy/argocd/argocd-server node/kind-control-plane app/argocd/root";
    bed.k8s(&format!("wait {objects}")).run().exits(0).stdout(
        "service `argocd/argocd-server`: has the address 172.18.255.20\n\
         deployment `argocd/argocd-server`: 2 of 2 replicas are available\n\
         node `kind-control-plane`: its condition Ready is True\n\
         application `argocd/root`: Synced, Healthy\n\
         ready after [..] s\n",
    );
}

#[test]
fn the_same_as_json() {
    let bed = Bed::new();
    bed.kube.apply(&service("argocd", "argocd-server").load_balancer("172.18.255.20"));
    let ran = bed.k8s("wait service/argocd-server -n argocd --format json").run().exits(0);
    let answer = ran.json();
    let object = json!({
        "kind": "service", "namespace": "argocd", "name": "argocd-server", "ready": true,
        "state": "has the address 172.18.255.20", "trouble": null, "condition": null, "warnings": [],
        "unknown_warnings": null,
    });
    assert_eq!((&answer["ready"], &answer["objects"]), (&json!(true), &json!([object])));
    let notes: Vec<Value> = ran.errors().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let note = "service `argocd/argocd-server`: has the address 172.18.255.20";
    assert_eq!(notes, [json!({ "schema": 1, "note": note })]);
}

#[test]
fn a_service_gets_its_address_later() {
    let bed = Bed::new();
    let ran = meanwhile(&bed, "service/argocd/argocd-server", 1, |kube| {
        kube.apply(&service("argocd", "argocd-server").pending());
        kube.wait_for(LIMIT, |kube| kube.open_watches() == 1);
        kube.apply(&service("argocd", "argocd-server").load_balancer("172.18.255.20"));
    });
    ran.exits(0)
        .stderr(
            "service `argocd/argocd-server`: does not exist\n\
             service `argocd/argocd-server`: its load balancer has no address yet\n\
             ✓ service `argocd/argocd-server` [..] s  has the address 172.18.255.20\n",
        )
        .stdout("service `argocd/argocd-server`: has the address 172.18.255.20\nready after [..] s\n");
}

#[test]
fn several_are_waited_for_side_by_side() {
    let bed = Bed::new();
    bed.kube.apply(&deployment("gitea", "gitea", 1, 0));
    bed.kube.apply(&node("a").not_ready("KubeletNotReady", "no network"));
    meanwhile(&bed, "deployment/gitea/gitea node/a", 2, |kube| {
        kube.apply(&node("a"));
        kube.apply(&deployment("gitea", "gitea", 1, 1));
    })
    .exits(0);
}

#[test]
fn all_of_a_kind_are_those_that_come_meanwhile_too() {
    let bed = Bed::new();
    bed.kube.apply(&application("argocd", "root").health("Progressing", "").sync("Synced"));
    let ran = meanwhile(&bed, "application --all", 1, |kube| {
        kube.apply(&application("argocd", "child").health("Missing", "").sync("OutOfSync"));
        kube.apply(&application("argocd", "root").health("Healthy", "").sync("Synced"));
        kube.apply(&application("argocd", "child").health("Healthy", "").sync("Synced"));
    });
    ran.exits(0).stdout(
        "application `argocd/child`: Synced, Healthy\napplication `argocd/root`: Synced, Healthy\nready after [..] s\n",
    );
}

#[test]
fn what_is_to_be_deleted_goes() {
    let bed = Bed::new();
    bed.kube.apply(&service("a", "b"));
    let ran = meanwhile(&bed, "service/a/b --for delete", 1, |kube| {
        assert!(kube.delete("Service", "a", "b"));
    });
    ran.exits(0).stdout("service `a/b`: does not exist any more\nready after [..] s\n");
}

#[test]
fn watches_that_are_cut_or_expire_are_begun_anew() {
    let bed = Bed::new();
    bed.kube.apply(&service("a", "b").pending());
    let ran = meanwhile(&bed, "service/a/b", 1, |kube| {
        let watches = |kube: &FakeKube| kube.requests().iter().filter(|it| it.verb == Verb::Watch).count();
        kube.cut_watches();
        kube.wait_for(LIMIT, |kube| watches(kube) == 2 && kube.open_watches() == 1);
        kube.expire();
        kube.wait_for(LIMIT, |kube| watches(kube) == 3 && kube.open_watches() == 1);
        kube.faults().push(Fault::status(503).times(2));
        kube.cut_watches();
        kube.apply(&service("a", "b").load_balancer("10.0.0.1"));
    });
    ran.exits(0);
}

#[test]
fn a_kind_that_the_cluster_does_not_know_may_come() {
    let bed = Bed::new();
    bed.kube.faults().push(Fault::status(404).kind("Application").times(2));
    bed.kube.apply(&application("argocd", "root").health("Healthy", "").sync("Synced"));
    let ran = bed.k8s("wait app/argocd/root").run().exits(0);
    ran.stderr(
        "application `argocd/root`: does not exist\n✓ application `argocd/root` [..] Synced, Healthy\n",
    );
}

#[test]
fn a_cluster_that_answers_later_is_waited_for() {
    let bed = Bed::new();
    bed.kube.apply(&node("a"));
    bed.kube.faults().push(Fault::status(503).times(2));
    bed.k8s("wait node/a").run().exits(0);
}

#[test]
fn without_a_namespace_that_of_the_context_is_meant() {
    let bed = Bed::new();
    bed.kube.apply(&service("default", "b").load_balancer("10.0.0.1"));
    let ran = bed.k8s("wait service/b svc/default/b").run().exits(0);
    ran.stdout("service `default/b`: has the address 10.0.0.1\nready after [..] s\n");
    let mut kubeconfig: Value = serde_json::from_str(&bed.kube.kubeconfig()).unwrap();
    kubeconfig["contexts"][0]["context"]["namespace"] = json!("elsewhere");
    bed.checkout.write("kubeconfig", &kubeconfig.to_string());
    bed.kube.apply(&service("elsewhere", "b").load_balancer("10.0.0.2"));
    let ran = bed.k8s("wait service/b").run().exits(0);
    ran.stdout("service `elsewhere/b`: has the address 10.0.0.2\nready after [..] s\n");
}

#[test]
fn what_is_ready_may_cease_to_be_while_others_are_waited_for() {
    let bed = Bed::new();
    bed.kube.apply(&node("a"));
    bed.kube.apply(&node("b").not_ready("KubeletNotReady", ""));
    let ran = meanwhile(&bed, "node --all", 1, |kube| {
        kube.apply(&node("a").not_ready("KubeletNotReady", ""));
        kube.apply(&node("b"));
        kube.apply(&node("a"));
    });
    ran.exits(0).stderr(
        "nodes: 1 of 2 are ready, not `b`\nnodes: 0 of 2 are ready, not `a`, `b`\n\
         nodes: 1 of 2 are ready, not `a`\n✓ nodes [..] s  all 2 are ready\n",
    );
}

#[test]
fn it_can_be_interrupted() {
    let bed = Bed::new();
    let child = bed.k8s("wait node/a").spawn();
    bed.kube.wait_for(LIMIT, |kube| kube.open_watches() == 1);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.ends_with("error: interrupted\n"), "{said}");
}

#[test]
fn a_dry_run_says_what_would_be_waited_for() {
    let bed = Bed::new();
    let ran = bed.k8s("wait app/argocd/root node --dry-run").run();
    ran.exits(2);
    bed.k8s("wait app/argocd/root --dry-run")
        .run()
        .exits(0)
        .stderr("")
        .stdout("would wait for application `argocd/root`: synced, healthy\n");
    assert!(bed.kube.requests().is_empty());
}

#[test]
fn what_cannot_be_waited_for_is_refused() {
    let bed = Bed::new();
    for (words, error, help) in [
        (
            "servce/a/b",
            "`servce` is no kind that can be waited for; did you mean `service`?",
            "give one of `service`, `deployment`, `daemonset`, `pod`, `node`, `application`",
        ),
        (
            "node",
            "`node` names no node",
            "write KIND/NAME or KIND/NAMESPACE/NAME, or a kind alone with `--all`",
        ),
        ("node/a --all", "`--all` takes a kind alone, and `node/a` names one object", "write [..]"),
        ("node/a/b", "`node/a/b` names a namespace, and a node has none", "write [..]"),
        ("service/a/b/c", "`service/a/b/c` has too many `/`", "write [..]"),
        ("service/a/B,x", "`B,x` is not a name in Kubernetes", "a name is of [..]"),
        ("service/b -n A", "`A` is not a name in Kubernetes", "a name is of [..]"),
        (
            "node/a --for redy",
            "`redy` is nothing that `--for` takes; did you mean `ready`?",
            "give one of `address`, [..]",
        ),
        (
            "node/a --for healthy",
            "a node cannot become `healthy`",
            "give one of `ready`, `delete`, `condition=NAME[=STATUS]`",
        ),
        ("node/a --for condition=", "`--for condition=` names no condition and status", "write [..]"),
        (
            "node/a --for delete --for ready",
            "what is waited to be deleted can become nothing else",
            "give `--for delete` alone",
        ),
    ] {
        let ran = bed.k8s(&format!("wait {words}")).run().exits(2).stdout("");
        ran.stderr(format!("error: {error}\nhelp: {help}\n"));
    }
    assert!(bed.kube.requests().is_empty());
}
