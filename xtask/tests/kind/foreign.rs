//! What somebody else has made by the name of our cluster.

use std::fs;

use crate::api::Api;
use crate::bed;
use crate::own::{Foreign, kind};
use crate::wait;
use crate::workspace::Workspace;

/// The container is somebody else's for all that is asked of us.
#[track_caller]
fn assert_refused(workspace: &Workspace, name: &str) {
    let life = workspace.life(name);
    let verbs: [&[&str]; 6] = [
        &["up"],
        &["up", "--dry-run"],
        &["up", "--recreate", "--yes"],
        &["down"],
        &["down", "--dry-run"],
        &["status"],
    ];
    for args in verbs {
        let ran = kind(workspace, args).run().exits(5).stdout("");
        let cluster = workspace.cluster();
        ran.stderr(format!(
            "error: container `{name}` is, or is named like, a node of the cluster `{cluster}`, \
             but this workspace has not made it\n\
             help: if nobody needs it, remove it: `kind delete cluster --name {cluster}`, or `docker rm [..]\n"
        ));
    }
    assert_eq!(workspace.life(name), life);
    assert!(!workspace.state("kind").exists() && !workspace.state("kubeconfig").exists());
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn what_somebody_else_has_made_by_that_name_is_left_alone() {
    let workspace = Workspace::new();
    for make in [Foreign::named_like_node_of, Foreign::labelled_like_node_of] {
        assert_refused(&workspace, make(&workspace).name());
    }
    // The whole cluster, by kind itself.
    let kubeconfig = workspace.root().join("theirs");
    let mut create = bed::command(&bed::kind());
    create.args(["create", "cluster", "--name", &workspace.cluster(), "--image", &bed::image()]);
    create.arg("--kubeconfig").arg(&kubeconfig);
    let created = bed::beside_others(|| create.output().unwrap());
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    assert_refused(&workspace, &workspace.node());
    let api = Api::of(&fs::read_to_string(kubeconfig).unwrap());
    wait::until("their node to be ready", || api.is_ready(&format!("/api/v1/nodes/{}", workspace.node())));
}
