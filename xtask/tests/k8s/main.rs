//! `k8s`: what the cluster has, and waiting for it; against an API server with
//! scripted faults.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

#[path = "../support/mod.rs"]
mod support;

mod late;
mod node_ports;
mod services;
mod wait;

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::thread;

use fake_kube::FakeKube;
use support::{Call, Checkout};

/// A checkout and a cluster of its own.
struct Bed {
    checkout: Checkout,
    kube: FakeKube,
}

impl Bed {
    fn new() -> Self {
        let bed = Self { checkout: Checkout::new(), kube: FakeKube::start() };
        bed.checkout.write("kubeconfig", &bed.kube.kubeconfig());
        bed
    }

    /// `k8s` with these words, in the profile `coder`.
    fn k8s(&self, words: &str) -> Call {
        let words = words.split_whitespace();
        let global = ["--kubeconfig", "kubeconfig", "--profile", "coder"];
        self.checkout.xtask(["k8s"].into_iter().chain(words).chain(global))
    }
}

/// A kubeconfig for a server that nobody runs.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\n\
         contexts: [{{name: a, context: {{cluster: a, user: a}}}}]\n\
         clusters: [{{name: a, cluster: {{server: \"{server}\"}}}}]\nusers: [{{name: a, user: {{}}}}]\n"
    )
}

#[test]
fn a_profile_without_a_cluster_is_refused() {
    let bed = Bed::new();
    for verb in ["services", "nodeports"] {
        let ran = bed.checkout.xtask(["k8s", verb, "--kubeconfig", "kubeconfig", "--profile", "local"]).run();
        ran.exits(2)
            .stdout("")
            .stderr("error: profile `local` has no cluster\nhelp: choose one that has: `--profile coder`\n");
    }
    assert!(bed.kube.requests().is_empty());
}

#[test]
fn a_cluster_that_cannot_be_reached_is_named() {
    let bed = Bed::new();
    bed.checkout.write("kubeconfig", &nobody());
    for verb in ["services", "nodeports", "wait node/a --timeout 1s"] {
        bed.k8s(verb).run().exits(3).stdout("").stderr(
            "...\nerror: the cluster at `http://127.0.0.1:[..]` cannot be reached: connection refused\n\
             help: check that the cluster runs[..]\n",
        );
    }
}

#[test]
fn a_cluster_is_reached_by_the_proxy_of_the_environment() {
    let bed = Bed::new();
    let kubeconfig = bed.kube.kubeconfig().replace(bed.kube.url(), "https://api.invalid:6443");
    bed.checkout.write("kubeconfig", &kubeconfig);
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://me:s3cr3t@{}", proxy.local_addr().unwrap());
        let call = bed.k8s("services").env("HTTPS_PROXY", "").env(variable, url);
        let (ran, asked) = thread::scope(|scope| {
            let running = scope.spawn(|| call.within(wait::LIMIT).run());
            let mut asked = String::new();
            BufReader::new(proxy.accept().unwrap().0).read_line(&mut asked).unwrap();
            // From here on it refuses.
            drop(proxy);
            (running.join().unwrap(), asked)
        });
        assert_eq!(asked, "CONNECT api.invalid:6443 HTTP/1.1\r\n", "{variable}");
        let ran = ran.exits(3).stdout("");
        assert!(!ran.errors().contains("s3cr3t"), "{}", ran.errors());
    }
}

#[test]
fn without_a_kubeconfig_it_is_said_where_it_was_looked_for() {
    let checkout = Checkout::new();
    for words in [&["services"][..], &["nodeports"], &["wait", "node/a"]] {
        let ran = checkout.xtask(["k8s"].iter().chain(words).chain(&["--profile", "coder"])).run();
        ran.exits(3)
            .stdout("")
            .stderr("error: there is no kubeconfig\nhelp: [..]`[ROOT]/.kube/config`[..]\n");
    }
}
