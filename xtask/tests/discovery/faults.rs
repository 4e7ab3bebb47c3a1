//! What can be wrong with a cluster and its Services: exit status and message.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use fake_kube::objects::service;
use fake_kube::{FakeKube, Fault, Options, Tls};
use rcgen::{CertificateParams, KeyPair};
use serde_json::json;

use crate::coder::Coder;
use crate::fixture::connection::Refusal;
use crate::fixture::processes;
use crate::support::Ran;

/// `router start`, which must fail like this, and leave no router behind.
#[track_caller]
pub fn refused(coder: &Coder, args: &[&str], exit: i32, stderr: &str) {
    let before = processes::daemons(coder.platform.root());
    let ran = coder.call(["router", "start"].iter().chain(args).copied()).run().exits(exit).stdout("");
    ran.stderr(stderr.to_owned());
    assert_eq!(processes::daemons(coder.platform.root()), before);
}

/// `router start`, which must warn like this and go on.
#[track_caller]
fn warned(coder: &Coder, stderr: &str) -> Ran {
    coder.call(["router", "start"]).run().exits(0).stderr(stderr.to_owned())
}

#[test]
fn a_port_where_nobody_listens() {
    let coder = Coder::with_services();
    let nobody = Refusal::new();
    let port = nobody.address();
    coder.write_kubeconfig(&coder.kube.kubeconfig().replace(coder.kube.url(), &format!("http://{port}")));
    let stderr = format!(
        "error: the cluster at `http://{port}` cannot be reached: connection refused\n\
         help: check that the cluster runs, and the way to it: `kubectl cluster-info` asks the same \
         address\n"
    );
    refused(&coder, &[], 3, &stderr);
}

#[test]
fn an_api_that_accepts_and_never_answers() {
    let coder = Coder::with_services();
    coder.kube.faults().push(Fault::silence());
    let stderr = "error: the time was up while waiting for the cluster's answer\n\
                  help: give it more time with `--timeout`\n";
    refused(&coder, &["--timeout", "1s"], 4, stderr);
}

#[test]
fn what_is_forbidden_is_named() {
    let coder = Coder::with_services();
    coder.kube.faults().push(Fault::status(403).kind("Service").name("gitea-http"));
    let ran = coder.call(["router", "start"]).run().exits(3).stdout("");
    assert!(
        ran.errors().starts_with("error: not allowed to read service `gitea/gitea-http`: "),
        "{}",
        ran.errors()
    );
    assert!(ran.errors().contains("kubectl"), "{}", ran.errors());
    // Who gives the route its backend need not read the Service.
    let gitea = format!("gitea={}", coder.backends["gitea"]);
    coder.json(["router", "start", "--backend", &gitea]);
}

#[test]
fn a_host_list_that_is_forbidden_leaves_the_profiles() {
    let coder = Coder::with_services();
    coder.kube.faults().push(Fault::status(403).kind("ConfigMap"));
    let ran = coder.call(["router", "start"]).run().exits(0);
    assert!(ran.errors().starts_with("warning: not allowed to read ConfigMap"), "{}", ran.errors());
    assert!(ran.errors().ends_with("; the profile's list of hosts is taken\n"), "{}", ran.errors());
}

#[test]
fn certificates_that_cannot_be_trusted() {
    let certificate = |change: fn(&mut CertificateParams)| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        change(&mut params);
        let tls = params.self_signed(&key).unwrap();
        Tls { certificate_pem: tls.pem(), key_pem: key.serialize_pem() }
    };
    let expired = certificate(|params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    });
    let foreign = certificate(|_| ());
    for (served, trusted, why) in [
        (&expired, &expired, "expired"),
        (&foreign, &expired, "an authority that the kubeconfig does not name"),
    ] {
        let options = |tls: &Tls| Options { tls: Some(tls.clone()), ..Options::default() };
        let kube = FakeKube::start_with(options(served)).unwrap();
        let other = FakeKube::start_with(options(trusted)).unwrap();
        let kubeconfig = other.kubeconfig().replace(other.url(), kube.url());
        let coder = Coder::of(kube);
        coder.write_kubeconfig(&kubeconfig);
        let ran = coder.call(["router", "start"]).run().exits(3).stdout("");
        let told = format!("error: the cluster at `{}` cannot be trusted: ", coder.kube.url());
        assert!(ran.errors().starts_with(&told) && ran.errors().contains(why), "{}", ran.errors());
    }
}

#[test]
fn services_that_cannot_be_backends_are_absent() {
    let coder = Coder::with_services();
    coder.kube.apply(&service("argocd", "argocd-server").cluster_ip().port(443, None));
    coder.kube.apply(&service("gitea", "gitea-http").load_balancer("127.0.0.1").port(1, None));
    coder.kube.apply(&service("orch-gateway", "traefik").load_balancer("0.0.0.0").port(443, None));
    let started = coder.json(["router", "start"]);
    let pending = started["pending"].as_array().unwrap();
    let why = |route: &str| {
        pending.iter().find(|it| it["route"] == route).unwrap()["why"].as_str().unwrap().to_owned()
    };
    let argo = "service `argocd/argocd-server`: it is of type ClusterIP, not LoadBalancer";
    assert_eq!(why("argo"), argo);
    assert_eq!(
        why("gitea"),
        format!("service `gitea/gitea-http`: it has no port {}", coder.backends["gitea"].port())
    );
    assert!(why("orchestrator").starts_with("service `orch-gateway/traefik`: "), "{pending:?}");
}

#[test]
fn several_addresses_are_told_and_one_is_taken() {
    let coder = Coder::with_services();
    let port = coder.backends["argo"].port();
    let several = service("argocd", "argocd-server");
    let several = several.load_balancer("::1").load_balancer("127.0.0.9").load_balancer("127.0.0.1");
    coder.kube.apply(&several.port(port, None));
    warned(
        &coder,
        "warning: service `argocd/argocd-server` has the addresses 127.0.0.1, 127.0.0.9, ::1; 127.0.0.1 is \
         taken\n",
    );
    assert_eq!(coder.backend("argo"), Some(coder.backends["argo"]));
}

#[test]
fn an_ipv6_address_is_a_backend_as_well() {
    let coder = Coder::with_services();
    let port = coder.backends["argo"].port();
    let _service = TcpListener::bind(("::1", port)).unwrap();
    coder.kube.apply(&service("argocd", "argocd-server").load_balancer("::1").port(port, None));
    warned(&coder, "");
    assert_eq!(coder.backend("argo"), Some(format!("[::1]:{port}").parse().unwrap()));
}

#[test]
fn two_services_that_claim_one_address() {
    let coder = Coder::with_services();
    let port = coder.backends["argo"].port();
    coder.kube.apply(&service("gitea", "gitea-http").load_balancer("127.0.0.1").port(port, None));
    let root = coder.platform.root().join("profiles/coder.toml");
    let text = std::fs::read_to_string(&root).unwrap();
    let own = format!("gitea-http:{}", coder.backends["gitea"].port());
    std::fs::write(&root, text.replace(&own, &format!("gitea-http:{port}"))).unwrap();
    warned(
        &coder,
        &format!(
            "warning: services `argocd/argocd-server:{port}` and `gitea/gitea-http:{port}` both claim \
             `127.0.0.1:{port}`\n"
        ),
    );
}

#[test]
fn a_service_that_claims_the_routers_own_address_costs_its_route_alone() {
    let coder = Coder::with_services();
    let port = coder.backends["argo"].port();
    coder.expose("argocd", "127.0.0.2");
    let ports = format!("router.ports.https={port}");
    let set = ["--set", "router.bind=127.0.0.2", "--set", &ports];
    let start = ["router", "start"].into_iter().chain(set);
    let shown = coder.call(start.clone().chain(["--dry-run"])).run().exits(0);
    let why = format!("its service claims `127.0.0.2:{port}`: ");
    assert!(shown.text().contains(&format!("would send route `argo` to nowhere: {why}")), "{}", shown.text());
    let started = coder.json(start);
    assert_eq!(started["absent"], json!(["argo"]));
    assert!(started["pending"][0]["why"].as_str().unwrap().starts_with(&why), "{started:#}");
    // The others are followed all the same.
    coder.expose("gitea", "127.0.0.3");
    let gitea = || coder.backend("gitea") == Some(coder.at("gitea", "127.0.0.3"));
    crate::fixture::wait::until("the route to follow", gitea);
    assert_eq!(coder.backend("argo"), None);
    let sandbox = ["--external-domain", "lab.example", "--tls-cert", "c", "--tls-key", "k"];
    let ran = coder.call(["router", "start"].into_iter().chain(set).chain(sandbox)).run().exits(2);
    assert!(ran.errors().starts_with("error: the engine `embedded` passes TLS through"), "{}", ran.errors());
}

#[test]
fn a_disk_that_is_full_or_closed() {
    let coder = Coder::with_services();
    // A file in the place of the state directory, for root may write anywhere.
    std::fs::File::create(coder.platform.root().join(".xtask/coder")).unwrap().write_all(b"x").unwrap();
    let ran = coder.call(["router", "start"]).run().exits(3).stdout("");
    assert!(ran.errors().contains(".xtask/coder"), "{}", ran.errors());
    std::fs::remove_file(coder.platform.root().join(".xtask/coder")).unwrap();
}

#[test]
fn ctrl_c_while_the_cluster_is_asked() {
    let coder = Coder::with_services();
    coder.kube.faults().push(Fault::silence());
    let before = processes::daemons(coder.platform.root());
    let call = coder.call(["router", "start"]).spawn();
    coder.kube.wait_for_requests(1, Duration::from_secs(20));
    processes::signal(call.id(), rustix::process::Signal::INT);
    let output = call.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "error: interrupted; nothing is left running\n");
    assert_eq!(processes::daemons(coder.platform.root()), before);
}

#[test]
fn an_unreachable_cluster_does_not_keep_the_router_from_a_restart_or_an_end() {
    let coder = Coder::with_services();
    coder.json(["router", "start"]);
    coder.kube.faults().push(Fault::status(401));
    let ran = coder.call(["router", "restart"]).run().exits(0);
    assert!(ran.errors().contains("every route keeps the backend that it had"), "{}", ran.errors());
    assert_eq!(coder.backend("argo"), Some(coder.backends["argo"]));
    coder.json(["router", "stop"]);
}
