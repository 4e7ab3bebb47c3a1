//! The ways to Gitea.

use fake_kube::Fault;
use fake_kube::objects::service;

use crate::bed::Bed;

/// Sets the service's port to the one that Gitea has on this machine.
fn balanced(bed: &Bed, address: &str) -> String {
    let port = bed.address().port();
    bed.kube.apply(&service("gitea", "gitea-http").load_balancer(address).port(port, None));
    format!("--set gitea.service=gitea/gitea-http:{port}")
}

fn forwards(bed: &Bed) -> usize {
    bed.kube.requests().iter().filter(|request| request.path.ends_with("/portforward")).count()
}

#[test]
fn a_load_balancer_that_takes_connections_is_used() {
    let bed = Bed::new();
    let set = balanced(&bed, "127.0.0.1");
    let answer = bed.run(&format!("{set} --format json")).exits(0).json();
    assert_eq!(answer["server"], format!("load balancer at {}", bed.address()));
    assert_eq!(forwards(&bed), 0);
    bed.fits();
}

#[test]
fn without_one_connections_are_forwarded() {
    let bed = Bed::new();
    let answer = bed.run("--format json").exits(0).json();
    assert_eq!(answer["server"], "port-forward to pod `gitea/gitea-0`");
    assert!(forwards(&bed) > 0);
}

#[test]
fn one_that_takes_none_is_gone_around_unless_it_is_asked_for() {
    let bed = Bed::new();
    // Nothing listens there.
    bed.kube.apply(&service("gitea", "gitea-http").load_balancer("127.0.0.250").port(443, None));
    let answer = bed.run("--format json").exits(0).json();
    assert_eq!(answer["server"], "port-forward to pod `gitea/gitea-0`");
    let ran = bed.run("--via load-balancer").exits(3).stdout("");
    let told = "the load balancer of service `gitea/gitea-http` at 127.0.0.250:443 takes no connections";
    assert!(ran.errors().contains(told), "{}", ran.errors());
    bed.kube.apply(&service("gitea", "gitea-http").pending().port(443, None));
    let ran = bed.run("--via load-balancer").exits(3);
    assert!(ran.errors().contains("its load balancer has no address yet"), "{}", ran.errors());
}

#[test]
fn a_port_forward_is_used_where_it_is_asked_for() {
    let bed = Bed::new();
    let port = bed.address().port();
    bed.kube
        .apply(&service("gitea", "gitea-http").load_balancer("127.0.0.1").port(443, None).port(port, None));
    let answer = bed.run("--via port-forward --format json").exits(0).json();
    assert_eq!(answer["server"], "port-forward to pod `gitea/gitea-0`");
}

#[test]
fn what_keeps_a_port_forward_from_working_is_told() {
    let bed = Bed::new();
    bed.kube.faults().push(Fault::status(403).path("/api/v1/namespaces/gitea/pods/gitea-0/portforward"));
    let ran = bed.run("").exits(3).stdout("");
    assert!(ran.errors().contains("not allowed to forward to Pod `gitea/gitea-0`"), "{}", ran.errors());
    bed.kube.faults().clear();

    // Its endpoints say that it is ready, and it does not listen.
    bed.kube.forward("gitea", "gitea-0", 3000, "127.0.0.250:1".parse().unwrap());
    let ran = bed.run("").exits(3).stdout("");
    assert!(ran.errors().contains("refuses to forward to Pod `gitea/gitea-0`"), "{}", ran.errors());
    bed.kube.delete("Pod", "gitea", "gitea-0");
    let ran = bed.run("").exits(3).stdout("");
    assert!(ran.errors().contains("gitea-0"), "{}", ran.errors());
}

#[test]
fn the_four_answers_of_the_cluster_are_kept_apart() {
    let bed = Bed::new();
    bed.kube.faults().push(Fault::status(403).kind("Service"));
    let ran = bed.run("").exits(3).stdout("");
    assert!(ran.errors().contains("not allowed to read"), "{}", ran.errors());
    bed.kube.faults().clear();
    assert_eq!(bed.changes(), 0, "a refusal is no absence");

    bed.checkout.write("kubeconfig", &bed.kube.kubeconfig().replace(bed.kube.url(), "http://127.0.0.250:1"));
    let ran = bed.run("").exits(3).stdout("");
    assert!(ran.errors().contains("cannot be reached: connection refused"), "{}", ran.errors());
}

#[test]
fn an_address_does_without_the_service() {
    let bed = Bed::new();
    bed.kube.delete("Service", "gitea", "gitea-http");
    bed.checkout.write("ca.pem", bed.gitea.options().certificate.as_ref().unwrap().authority_pem());
    let url = bed.gitea.url().to_owned();
    let answer = bed.run(&format!("--url {url} --ca ca.pem --format json")).exits(0).json();
    assert_eq!(answer["server"], "its address");
    bed.fits();
    // This machine does not trust it.
    let ran = bed.run(&format!("--url {url}")).exits(3);
    assert!(ran.errors().contains(&format!("`{url}` cannot be trusted: ")), "{}", ran.errors());
    bed.run("--url http://127.0.0.1").exits(2);
    bed.run("--url https://127.0.0.250:1 --ca ca.pem").exits(3);
    bed.run(&format!("--url {url} --via port-forward")).exits(2);
}
