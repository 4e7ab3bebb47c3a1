//! What kind can fail of: it is told, and nothing is left.

use std::ffi::OsString;
use std::net::TcpListener;

use crate::bed;
use crate::own::{assert_nothing, kind, script, take_down, up_with};
use crate::workspace::Workspace;

const LOOK: &str = "help: keep the nodes to look at them: `cargo xtask kind up --retain`, [..]\n";

/// A cluster is not made of such nodes: in what phase, why, and what says so.
#[track_caller]
fn fails(fault: &str, args: &[&str], [phase, message, cause]: [&str; 3]) {
    let workspace = Workspace::new();
    let ran = up_with(&workspace, fault, args).run().exits(1).stdout("");
    ran.stderr(format!(
        "...\n{phase}\nerror: kind failed: {message}\ncause: {cause}\n\
         cause: last words of `[..]-control-plane`:\n...\n{LOOK}"
    ));
    assert_nothing(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_node_that_does_not_boot() {
    let workspace = Workspace::new();
    let ran = up_with(&workspace, "silent", &[]).run().exits(1).stdout("");
    ran.stderr(format!(
        "...\nstarting the nodes\nerror: kind failed: a node did not boot within kind's 30 seconds\n\
         cause: failed to create cluster: could not find a log line that matches [..]\n{LOOK}"
    ));
    assert_nothing(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_control_plane_that_does_not_come_up() {
    fails(
        "kubeadm-init",
        &[],
        [
            "starting the control plane",
            "the control plane did not come up",
            "error: error execution phase wait-control-plane: timed out waiting for the condition",
        ],
    );
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_taint_that_cannot_be_taken_off() {
    fails(
        "taint",
        &[],
        [
            "starting the control plane",
            "the control plane could not be set up",
            "error: the server was unable to return a response in time",
        ],
    );
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_network_of_pods_that_cannot_be_installed() {
    fails(
        "cni",
        &[],
        [
            "installing the pods' network",
            "the pods' network could not be installed",
            "error: error when creating \"STDIN\": the server is currently unable to handle the request",
        ],
    );
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_storage_class_that_cannot_be_installed() {
    fails(
        "storage",
        &[],
        [
            "installing the storage class",
            "the storage class could not be installed",
            "error: error when applying \"STDIN\": the server is currently unable to handle the request",
        ],
    );
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_worker_that_cannot_join() {
    fails(
        "join",
        &["--set", "kind.workers=1"],
        [
            "joining the workers",
            "a worker could not join the cluster",
            "error: error execution phase kubelet-start: timed out waiting for the condition",
        ],
    );
}

/// kind leaves the container then.
#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_control_plane_without_a_kubeconfig() {
    fails(
        "no-admin-conf",
        &[],
        [
            "installing the storage class",
            "the control plane has no kubeconfig",
            "cat: can't open '/etc/kubernetes/admin.conf': No such file or directory",
        ],
    );
}

/// kind would panic if it waited for the nodes; it is not told to.
#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn nodes_that_kind_cannot_ask_are_asked_by_us() {
    let workspace = Workspace::new();
    let ran = up_with(&workspace, "empty-ready", &[]).run().exits(0);
    assert!(!ran.errors().contains("panic"), "{}", ran.errors());
    take_down(&workspace);
}

/// Nor is one that kind has left by a crash: of its table the row of the panic.
#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_kind_that_crashes() {
    let workspace = Workspace::new();
    let bin = workspace.root().join("bin");
    let real = bed::kind();
    script(
        &bin.join("kind"),
        &format!(
            "if [ \"$1\" = create ]; then '{}' \"$@\" || exit; echo 'panic: runtime error: index out of range [1]' >&2; exit 2; fi\n\
             exec '{}' \"$@\"",
            real.display(),
            real.display()
        ),
    );
    let path: OsString = [bin.into_os_string(), ":".into(), bed::path()].into_iter().collect();
    let ran = kind(&workspace, &["up"]).env("PATH", path).run().exits(1).stdout("");
    ran.stderr(
        "...\nerror: kind failed: kind itself has crashed\n\
         cause: panic: runtime error: index out of range [1]\n...\n\
         help: try another version of kind, and report it to kind's authors\n",
    );
    assert_nothing(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_port_that_is_taken() {
    let workspace = Workspace::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let setting = format!("kind.api_server={address}");
    let ran = kind(&workspace, &["up", "--set", &setting]).run().exits(1).stdout("");
    ran.stderr(
        "...\nerror: kind failed: the API's port is taken\n\
         cause: docker: [..]address already in use[..]\n\
         help: see who has it with `ss -ltnp`, or let kind choose one: `--set kind.api_server=127.0.0.1:0`\n",
    );
    assert_nothing(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn an_image_that_cannot_be_had() {
    let workspace = Workspace::new();
    // Nobody listens at port 1.
    let ran = kind(&workspace, &["up", "--set", "kind.node_image=127.0.0.1:1/none:v1"]).run().exits(3);
    ran.stdout("").stderr(
        "...\nerror: kind failed: the node image cannot be had\n\
         cause: Error response from daemon: [..]: connection refused\n\
         help: see whether `docker pull` gets it; another is chosen with `--set kind.node_image=IMAGE`\n",
    );
    assert_nothing(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn what_kind_leaves_is_retained_if_wanted() {
    let workspace = Workspace::new();
    let ran = up_with(&workspace, "kubeadm-init", &["--retain"]).run().exits(1).stdout("");
    let (cluster, node) = (workspace.cluster(), workspace.node());
    let retained = format!(
        "the nodes of `{cluster}` are retained: look at them with `kind export logs --name {cluster}`, \
         and remove them with `cargo xtask kind down`\n"
    );
    assert!(ran.errors().contains(&retained), "{}", ran.errors());
    assert_eq!(workspace.containers(), [node.as_str()]);
    assert!(!workspace.state("kubeconfig").exists() && !workspace.state("kind/create").exists());
    // It is half made, and what comes next knows that.
    let status = kind(&workspace, &["status", "--format", "json"]).run().exits(3).json();
    assert_eq!(status["state"], "half made");
    take_down(&workspace);
}
