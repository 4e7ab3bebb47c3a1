//! Before there is a cluster, while it is there, and after it; by itself and for a router.

use std::path::Path;

use super::*;
use crate::context::Context;
use crate::entrance;
use crate::kubeconfig;
use crate::report::Reporter;

/// A call for the profile `coder`, in a pod, with a kubeconfig of the user.
fn call(root: &Path, arguments: &[&str]) -> Context {
    let flags = Global::of(&[&["--quiet", "--profile", "coder"], arguments].concat());
    let reporter = Reporter::new(flags.format, flags.color, flags.verbosity(), false);
    let environment = Environment {
        root: root.to_owned(),
        kubeconfig: vec!["/home/me/.kube/config".into()],
        in_cluster: true,
        ..Context::for_tests().environment
    };
    Context::new(&flags, environment, reporter).unwrap()
}

fn files(cx: &Context) -> Vec<&str> {
    cx.access().files.iter().map(|file| file.to_str().unwrap()).collect()
}

const USER: [&str; 1] = ["/home/me/.kube/config"];

#[test]
fn the_clusters_own_kubeconfig_goes_before_the_users() {
    let root = tempfile::tempdir().unwrap();
    let cx = call(root.path(), &[]);
    let own = cx.own_kubeconfig();
    assert_eq!((files(&cx), cx.access().in_cluster), (USER.to_vec(), true));
    // Made by this very call.
    kubeconfig::keep(&cx, "").unwrap();
    assert_eq!((files(&cx), cx.access().in_cluster), (vec![own.to_str().unwrap()], false));
    for arguments in [&["--kubeconfig", "/k"][..], &["--context", "c"]] {
        let cx = call(root.path(), arguments);
        assert_eq!(files(&cx), [if arguments[0] == "--context" { USER[0] } else { "/k" }]);
    }
    // The cluster is that of one profile.
    assert_eq!(files(&cx.apart("other")), USER);
    std::fs::remove_file(&own).unwrap();
    assert_eq!(files(&cx), USER);
}

#[test]
fn a_router_that_was_started_before_the_cluster_goes_over_to_it() {
    let root = tempfile::tempdir().unwrap();
    let launch = entrance::launch_of(&call(root.path(), &[]), &[]);
    kubeconfig::keep(&call(root.path(), &[]), "").unwrap();
    let cx = call(root.path(), &[]);
    let own = cx.own_kubeconfig();
    for cx in [cx.resuming(&launch), cx.relaunching(&launch)] {
        assert_eq!(files(&cx), [own.to_str().unwrap()]);
    }
    // So a start replaces the watch, whose launch is another.
    assert_ne!(entrance::launch_of(&cx, &[]), launch);
}

#[test]
fn a_router_for_another_cluster_stays_with_it() {
    let root = tempfile::tempdir().unwrap();
    let launch = entrance::launch_of(&call(root.path(), &["--kubeconfig", "/k"]), &[]);
    let cx = call(root.path(), &[]);
    kubeconfig::keep(&cx, "").unwrap();
    for cx in [cx.resuming(&launch), cx.relaunching(&launch)] {
        assert_eq!(files(&cx), ["/k"]);
        assert_eq!(entrance::launch_of(&cx, &[]), launch);
    }
    let other = call(root.path(), &["--kubeconfig", "/other"]);
    assert_eq!(files(&other.resuming(&launch)), ["/other"]);
}

#[test]
fn a_router_whose_cluster_is_gone_does_not_go_over_to_the_users() {
    let root = tempfile::tempdir().unwrap();
    let cx = call(root.path(), &[]);
    kubeconfig::keep(&cx, "").unwrap();
    let launch = entrance::launch_of(&cx, &[]);
    let own = cx.own_kubeconfig();
    std::fs::remove_file(&own).unwrap();
    let later = call(root.path(), &[]).resuming(&launch);
    assert_eq!((files(&later), later.access().in_cluster), (vec![own.to_str().unwrap()], false));
}
