//! `k8s wait` when what is waited for does not come.

use std::thread;

use fake_kube::Fault;
use fake_kube::objects::{application, deployment, event, node, service};
use serde_json::{Value, json};

use crate::Bed;
use crate::support::Ran;
use crate::wait::LIMIT;

#[track_caller]
fn times_out(bed: &Bed, words: &str) -> Ran {
    bed.k8s(&format!("wait {words} --timeout 3s")).run().exits(4)
}

#[test]
fn when_the_time_is_up_each_object_tells_why() {
    let bed = Bed::new();
    bed.kube.apply(&node("a"));
    bed.kube.apply(&node("b").not_ready("KubeletNotReady", "container runtime is down"));
    let about = |name: &str| event("default", "Node", "b").named(name);
    bed.kube.apply(&about("b.1").warning("SystemOOM", "out of memory").at("2024-05-06T07:08:09Z"));
    let mut again =
        Value::from(about("b.2").warning("Rebooted", "it was rebooted").at("2024-05-06T08:00:00Z"));
    again["count"] = json!(3);
    bed.kube.apply(&again);
    bed.kube.apply(&about("b.3").normal("Starting", "Starting kubelet."));
    bed.kube.apply(&event("default", "Node", "a").warning("Other", "of another node"));
    let ran = times_out(&bed, "node/a node/b service/a/absent");
    ran.stdout(
        "node `a`: its condition Ready is True\n\
         node `b`: its condition Ready is False\n\
         \x20 condition Ready is False, KubeletNotReady: container runtime is down\n\
         \x20 warning [..] ago, 3 times: Node `default/b`: Rebooted: it was rebooted\n\
         \x20 warning [..] ago: Node `default/b`: SystemOOM: out of memory\n\
         service `a/absent`: does not exist\n",
    )
    .stderr(
        "...\n✗ node `b` [..] s  its condition Ready is False\n\
         ✗ service `a/absent` [..] s  does not exist\n\
         error: the time was up while waiting for node `b`, service `a/absent`\n\
         help: give it more time with `--timeout`\n",
    );
}

#[test]
fn a_deployment_tells_what_its_pods_suffer() {
    let bed = Bed::new();
    bed.kube.apply(&deployment("gitea", "gitea", 1, 0));
    let pod = |name: &str, app: &str| {
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "namespace": "gitea", "name": name, "labels": { "app": app } },
        })
    };
    bed.kube.apply(&pod("gitea-7c5-x", "gitea"));
    bed.kube.apply(&pod("gitea-db-0", "db"));
    let events = [
        ("Pod", "gitea-7c5-x", "BackOff", "2024-05-06T07:00:04Z"),
        ("ReplicaSet", "gitea-7c5", "FailedCreate", "2024-05-06T07:00:03Z"),
        ("Deployment", "gitea", "Odd", "2024-05-06T07:00:02Z"),
        ("Pod", "gitea-db-0", "NotOurs", "2024-05-06T07:00:09Z"),
        ("ReplicaSet", "gitea-db-5f4", "NotOurs", "2024-05-06T07:00:08Z"),
    ];
    for (kind, name, reason, time) in events {
        bed.kube.apply(&event("gitea", kind, name).warning(reason, "it is told").at(time));
    }
    let answer = times_out(&bed, "deployment/gitea/gitea --format json").json();
    let object = &answer["objects"][0];
    assert_eq!(object["condition"]["reason"], "MinimumReplicasUnavailable");
    let warnings = object["warnings"].as_array().unwrap().iter();
    let told: Vec<_> =
        warnings.map(|it| (it["object"].as_str().unwrap(), it["reason"].as_str().unwrap())).collect();
    let expected = [
        ("Pod `gitea/gitea-7c5-x`", "BackOff"),
        ("ReplicaSet `gitea/gitea-7c5`", "FailedCreate"),
        ("Deployment `gitea/gitea`", "Odd"),
    ];
    assert_eq!(told, expected);
    assert_eq!(object["warnings"][0]["last"], "2024-05-06T07:00:04Z");
}

#[test]
fn five_warnings_are_enough() {
    let bed = Bed::new();
    bed.kube.apply(&service("a", "b").pending());
    for second in 0..8 {
        let named = event("a", "Service", "b").named(&format!("b.{second}"));
        bed.kube.apply(
            &named.warning("Failed", &format!("try {second}")).at(&format!("2024-01-01T00:00:0{second}Z")),
        );
    }
    let answer = times_out(&bed, "service/a/b --format json").json();
    let warnings = answer["objects"][0]["warnings"].as_array().unwrap();
    let told: Vec<&str> = warnings.iter().map(|it| it["message"].as_str().unwrap()).collect();
    assert_eq!(told, ["try 7", "try 6", "try 5", "try 4", "try 3"]);
}

#[test]
fn warnings_that_cannot_be_read_are_said_to_be_unknown() {
    let bed = Bed::new();
    bed.kube.apply(&service("a", "b").pending());
    bed.kube.faults().push(Fault::status(403).kind("Event"));
    times_out(&bed, "service/a/b").stdout(
        "service `a/b`: its load balancer has no address yet\n  warnings are not known: not allowed to read [..]\n",
    );
}

#[test]
fn warnings_that_do_not_come_are_not_waited_for() {
    let bed = Bed::new();
    bed.kube.apply(&service("a", "b").pending());
    bed.kube.faults().push(Fault::latency(LIMIT).kind("Event"));
    times_out(&bed, "service/a/b").stdout("service `a/b`: its load balancer has no address yet\n").stderr(
        "...\nerror: the time was up while waiting for service `a/b`\n\
         help: give it more time with `--timeout`\n",
    );
}

#[test]
fn what_is_forbidden_fails_at_once() {
    let bed = Bed::new();
    bed.kube.faults().push(Fault::status(403).kind("Node"));
    bed.k8s("wait service/a/b node --all").run().exits(2);
    bed.k8s("wait service/a/b node/a")
        .run()
        .exits(3)
        .stdout("")
        .stderr("...\nerror: not allowed to read node `a`: [..]\nhelp: ask for the right[..]\n");
}

#[test]
fn a_cluster_that_never_answers_is_named() {
    let bed = Bed::new();
    bed.kube.faults().push(Fault::silence());
    bed.k8s("wait node/a --timeout 1s").run().exits(3).stdout("").stderr(
        "error: the cluster at `http://127.0.0.1:[..]` cannot be reached: it has not answered in time\nhelp: [..]\n",
    );
}

#[test]
fn a_cluster_that_falls_silent_is_a_time_out() {
    let bed = Bed::new();
    bed.kube.apply(&node("a").not_ready("KubeletNotReady", ""));
    let ran = thread::scope(|scope| {
        let call = bed.k8s("wait node/a --timeout 3s --format json");
        let running = scope.spawn(|| call.run());
        bed.kube.wait_for(LIMIT, |kube| kube.open_watches() == 1);
        bed.kube.faults().push(Fault::status(500));
        bed.kube.cut_watches();
        running.join().unwrap()
    });
    let answer = ran.exits(4).json();
    let object = &answer["objects"][0];
    assert_eq!(object["state"], "its condition Ready is False");
    assert!(object["trouble"].as_str().unwrap().contains("refuses to tell node `a`: 500"), "{object}");
}

#[test]
fn any_condition_can_be_waited_for() {
    let bed = Bed::new();
    let mut pressed = Value::from(node("a"));
    pressed["status"]["conditions"] = json!([{ "type": "DiskPressure", "status": "False" }]);
    bed.kube.apply(&pressed);
    bed.k8s("wait node/a --for condition=DiskPressure=False").run().exits(0);
    times_out(&bed, "node/a --for condition=DiskPressure")
        .stdout("node `a`: its condition DiskPressure is False\n  condition DiskPressure is False\n");
}

#[test]
fn an_application_may_be_waited_for_in_one_respect() {
    let bed = Bed::new();
    bed.kube.apply(&application("argocd", "root").health("Degraded", "a pod fails").sync("Synced"));
    bed.k8s("wait app/argocd/root --for synced").run().exits(0);
    times_out(&bed, "app/argocd/root").stdout("application `argocd/root`: Degraded: a pod fails\n");
}
