//! The kubeconfig of the cluster, made of the one in its control plane.

use std::net::SocketAddr;

use anyhow::Context as _;
use bollard::Docker as Client;
use serde_json::{Value, json};

use super::Kind;
use super::find::{Node, control_plane};
use crate::docker::files;
use crate::failure::Failure;

/// Where kubeadm puts the administrator's kubeconfig.
const ADMIN: &str = "/etc/kubernetes/admin.conf";

impl Kind {
    /// The kubeconfig for this machine: who may do everything, where the API
    /// is published. The control plane need not run, but has to publish it.
    pub(super) async fn kubeconfig(&self, client: &Client, nodes: &[Node]) -> anyhow::Result<String> {
        let node = control_plane(nodes).context("the cluster has no control plane")?;
        let name = &node.name;
        let address = node.api.with_context(|| {
            Failure::failed(format!("the API of node `{name}` is published nowhere"))
                .help(format!("see `docker port {name}`"))
        })?;
        let admin = files::get(client, &node.id, ADMIN).await?;
        let admin = admin.with_context(|| {
            Failure::failed(format!("node `{name}` has no `{ADMIN}`"))
                .help("make the cluster anew with `cargo xtask kind up --recreate`")
        })?;
        kubeconfig(&admin, &self.context(), address)
            .with_context(|| format!("cannot read `{ADMIN}` of `{name}`"))
    }
}

/// As `kind get kubeconfig` has it: one cluster, user and context of one name.
fn kubeconfig(admin: &[u8], name: &str, address: SocketAddr) -> anyhow::Result<String> {
    let admin: Value = serde_yaml_ng::from_slice(admin)?;
    let only = |list: &str, item: &str| match admin[list].as_array().map(Vec::as_slice) {
        Some([one]) if one[item].is_object() => Ok(one[item].clone()),
        _ => Err(anyhow::anyhow!("it has not one {item} alone")),
    };
    let (mut cluster, user) = (only("clusters", "cluster")?, only("users", "user")?);
    cluster["server"] = json!(format!("https://{address}"));
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": name, "cluster": cluster }],
        "contexts": [{ "name": name, "context": { "cluster": name, "user": name } }],
        "current-context": name,
        "users": [{ "name": name, "user": user }],
    });
    serde_yaml_ng::to_string(&config).context("cannot write the kubeconfig")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADMIN: &str = "
clusters: [{name: kubernetes, cluster: {certificate-authority-data: Q0E=, server: 'https://c-control-plane:6443'}}]
contexts: [{name: a, context: {cluster: kubernetes, user: kubernetes-admin}}]
users: [{name: kubernetes-admin, user: {client-certificate-data: QQ==, client-key-data: Qg==}}]
";

    #[test]
    fn all_has_one_name_and_leads_to_the_published_address() {
        let text = kubeconfig(ADMIN.as_bytes(), "kind-c", "127.0.0.1:1234".parse().unwrap()).unwrap();
        let config: Value = serde_yaml_ng::from_str(&text).unwrap();
        assert_eq!(config["clusters"][0]["cluster"]["server"], "https://127.0.0.1:1234");
        assert_eq!(config["clusters"][0]["cluster"]["certificate-authority-data"], "Q0E=");
        assert_eq!(config["users"][0]["user"]["client-key-data"], "Qg==");
        let context = json!({ "name": "kind-c", "context": { "cluster": "kind-c", "user": "kind-c" } });
        assert_eq!((&config["contexts"][0], &config["current-context"]), (&context, &json!("kind-c")));
    }

    #[test]
    fn what_is_ambiguous_is_not_guessed() {
        let twice = ADMIN.replace("users: [", "users: [{name: other, user: {}}, ");
        for admin in [twice.as_str(), "", "users: []"] {
            assert!(kubeconfig(admin.as_bytes(), "c", "[::1]:1".parse().unwrap()).is_err(), "{admin}");
        }
    }
}
