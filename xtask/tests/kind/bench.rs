//! `bench kind-up` with the real kind. What it measures is no matter of a test.

use serde_json::Value;

use crate::bed;
use crate::docker::docker;
use crate::workspace::Workspace;

#[test]
#[ignore = "needs kind"]
fn it_measures_each_call_and_leaves_nothing() {
    let workspace = Workspace::new();
    let bench = || workspace.call(&["bench", "kind-up", "--quick", "--format", "json"]);
    let output = bed::beside_others(|| bench().spawn().wait_with_output().unwrap());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let measured: Vec<&str> =
        answer["measurements"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    for what in ["bare", "bare_ready", "up", "up_again", "up_stopped", "bare_delete", "down"] {
        assert!(measured.contains(&what), "{what}: {answer:#}");
    }
    assert!(!workspace.root().join(".xtask/bench.kind-up").exists());
    let nodes = docker(["ps", "--all", "--format", "{{.Names}} {{.Mounts}}"]);
    let left: Vec<&str> = nodes.lines().filter(|node| node.contains("bench.kind-up")).collect();
    assert!(left.is_empty(), "{left:?}");
}
