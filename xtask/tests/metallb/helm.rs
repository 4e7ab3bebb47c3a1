//! What `metallb apply` does with Helm and its releases.

use crate::apply::changes;
use crate::bed::{Bed, NAMESPACE};

#[test]
fn what_helm_left_half_made_is_removed_first() {
    let bed = Bed::new();
    bed.workloads(1);
    bed.release("pending-install", "0.13.11", true);
    bed.metallb("apply").run().exits(0);
    assert_eq!(bed.kube.get("Secret", NAMESPACE, "sh.helm.release.v1.metallb.v1"), None);
    assert_eq!(bed.asked().lines().count(), 1);
}

#[test]
fn other_values_or_another_version_are_brought_up_to_date() {
    for (status, version) in [("deployed", "0.13.10"), ("failed", "0.13.11"), ("superseded", "0.13.11")] {
        let bed = Bed::new();
        bed.workloads(1);
        bed.release(status, version, true);
        let answer = bed.metallb("apply --format json").run().exits(0).json();
        assert_eq!(answer["chart"]["change"], "upgraded", "{status} {version}");
        assert_eq!(bed.asked().lines().count(), 1);
    }
}

#[test]
fn helm_is_needed_of_the_right_version() {
    let bed = Bed::new();
    bed.helm("v4.0.1");
    bed.metallb("apply").run().exits(3).stdout("").stderr(
        "error: `[ROOT]/bin/helm` is of version `v4.0.1`; 3.8.0 or newer, before 4.0.0 is needed\n\
         help: install it: `[..]`, or put one that will do first in PATH\n",
    );
    std::fs::remove_file(bed.checkout.root().join("bin/helm")).unwrap();
    let ran = bed.metallb("apply").env("PATH", bed.checkout.root().join("bin")).run().exits(3).stdout("");
    assert!(
        ran.errors().starts_with("error: there is no `helm` in PATH; 3.8.0 or newer"),
        "{}",
        ran.errors()
    );
    assert_eq!(changes(&bed), 0);
}

#[test]
fn why_helm_failed_is_told_shortly() {
    let bed = Bed::new();
    bed.checkout.write("helm.fails", "WARNING: old\nError: failed to fetch https://x: 503\n");
    let ran = bed.metallb("apply").run().exits(1).stdout("");
    let said = ran.errors();
    assert!(
        said.contains(
            "error: helm could not install chart `metallb` 0.13.11\ncause: failed to fetch https://x: 503\n"
        ),
        "{said}"
    );
    assert!(said.contains("`--chart FILE`"), "{said}");
}

#[test]
fn a_chart_that_is_not_there_is_a_mistake_of_the_command_line() {
    let bed = Bed::new();
    bed.metallb("apply --chart nowhere.tgz")
        .run()
        .exits(2)
        .stdout("")
        .stderr("error: cannot read the chart `nowhere.tgz`\ncause: [..]\nhelp: give an archive[..]\n");
}

#[test]
fn what_leads_helm_to_another_cluster_does_not_reach_it() {
    let bed = Bed::new();
    bed.workloads(1);
    bed.release("deployed", "0.13.10", true);
    let call = bed.metallb("apply").env("HELM_KUBEAPISERVER", "https://192.0.2.1");
    call.env("HELM_KUBETOKEN", "theirs").run().exits(0);
    let begin = format!("{} upgrade ", bed.checkout.root().join("kubeconfig").display());
    assert!(bed.asked().starts_with(&begin), "{}", bed.asked());
}
