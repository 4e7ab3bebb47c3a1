//! A cluster that is asked, against an API that goes wrong when it is told to.
#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

#[path = "../same/mod.rs"]
#[macro_use]
mod same;
#[path = "../support/mod.rs"]
mod support;

mod changing;
mod forwarding;
mod secrets;
mod trouble;
mod trust;
mod warnings;
mod watching;

use fake_kube::{FakeKube, Options, objects};

use same::Api;
use support::{Kubeconfig, TOKEN};

/// Runs a test in an API of its own.
async fn run(test: impl AsyncFnOnce(&Api)) {
    let options = Options { token: Some(TOKEN.to_owned()), ..Options::default() };
    let kube = FakeKube::start_with(options).unwrap();
    let kubeconfig = Kubeconfig::of(&kube.kubeconfig());
    kube.apply(&objects::namespace("xtask-test"));
    test(&Api::new(&kubeconfig.path(), "xtask-test".to_owned()).await).await;
}

macro_rules! tests {
    ($($name:ident,)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                run(same::$name).await;
            }
        )*
    };
}

each!(tests);
