//! What a kubeconfig says, and what can be wrong with it.

use std::time::Duration;

use fake_kube::{FakeKube, Options};
use serde_json::{Value, json};

use crate::coder::Coder;
use crate::faults::refused;
use crate::fixture::processes;

#[test]
fn without_a_kubeconfig() {
    let coder = Coder::with_services();
    std::fs::remove_file(coder.platform.root().join(".kube/config")).unwrap();
    let stderr = "error: there is no kubeconfig\n\
                  help: set KUBECONFIG or give --kubeconfig; looked for `[ROOT]/.kube/config`\n";
    refused(&coder, &[], 3, stderr);
}

#[test]
fn a_kubeconfig_that_is_none() {
    let coder = Coder::with_services();
    coder.write_kubeconfig("- just\n- a list\n");
    let stderr = "error: `[ROOT]/.kube/config` is not a kubeconfig: see line 1, column 1\n\
                  help: mend or move it; `kubectl --kubeconfig '[ROOT]/.kube/config' config view` reads \
                  the same file\n";
    refused(&coder, &[], 3, stderr);
}

#[test]
fn a_context_that_does_not_exist() {
    let coder = Coder::with_services();
    let stderr = "error: there is no context `fakr` in the kubeconfig\n\
                  help: name one with --context: `fake`\n";
    refused(&coder, &["--context", "fakr"], 3, stderr);
    coder.json(["router", "start", "--context", "fake"]);
}

#[test]
fn the_flag_wins_over_the_variable() {
    let coder = Coder::with_services();
    let path = coder.platform.root().join("given");
    std::fs::write(&path, coder.kube.kubeconfig()).unwrap();
    std::fs::remove_file(coder.platform.root().join(".kube/config")).unwrap();
    let call = coder.call(["router", "start", "--kubeconfig", "given"]);
    call.env("KUBECONFIG", "/nonexistent").run().exits(0);
    // Later calls go on with it, wherever they are made.
    let elsewhere = coder.platform.root().join("profiles");
    coder.call(["router", "sync"]).dir(&elsewhere).run().exits(0);
}

#[test]
fn a_credentials_plug_in_that_does_not_end_is_left_behind() {
    let coder = Coder::with_services();
    let pid = coder.platform.root().join("plug-in");
    let script = format!("echo $$ >{}; exec sleep 600", pid.display());
    let mut kubeconfig: Value = serde_json::from_str(&coder.kube.kubeconfig()).unwrap();
    kubeconfig["users"][0]["user"]["exec"] = json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "interactiveMode": "Never",
        "command": "sh",
        "args": ["-c", script],
    });
    coder.write_kubeconfig(&kubeconfig.to_string());
    let before = processes::daemons(coder.platform.root());
    let call = coder.call(["router", "start", "--timeout", "5s"]);
    let ran = call.within(Duration::from_mins(1)).run();
    let plug_in = std::fs::read_to_string(pid).unwrap().trim().parse().unwrap();
    assert!(!processes::ended(plug_in), "it was waited for");
    processes::kill(plug_in);
    assert_eq!(processes::daemons(coder.platform.root()), before);
    ran.exits(4).stdout("").stderr(
        "error: the time was up while waiting for the cluster's answer\n\
         help: give it more time with `--timeout`\n",
    );
}

#[test]
fn credentials_that_are_not_accepted() {
    let kube = FakeKube::start_with(Options { token: Some("right".into()), ..Options::default() }).unwrap();
    let coder = Coder::of(kube);
    coder.write_kubeconfig(&coder.kube.kubeconfig().replace("right", "wrong"));
    let ran = coder.call(["router", "start"]).run().exits(3).stdout("");
    let told =
        format!("error: the cluster at `{}` does not accept these credentials\nhelp: ", coder.kube.url());
    assert!(ran.errors().starts_with(&told), "{}", ran.errors());
    assert!(!ran.errors().contains("wrong"), "{}", ran.errors());
}
