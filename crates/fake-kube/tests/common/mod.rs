//! A client of the real library, and what tests of it need.

use std::time::Duration;

use fake_kube::FakeKube;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

/// How long anything may take before a test fails.
pub const LIMIT: Duration = Duration::from_secs(30);

/// A client that reads the kubeconfig.
pub async fn client(kube: &FakeKube) -> Client {
    let kubeconfig = Kubeconfig::from_yaml(&kube.kubeconfig()).expect("a kubeconfig");
    let options = KubeConfigOptions { context: Some("fake".to_owned()), ..KubeConfigOptions::default() };
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("a configuration");
    config.proxy_url = None;
    Client::try_from(config).expect("a client")
}

/// The colour a config map is for.
pub fn colour(map: &ConfigMap) -> String {
    map.data.as_ref().and_then(|data| data.get("colour")).cloned().unwrap_or_default()
}
