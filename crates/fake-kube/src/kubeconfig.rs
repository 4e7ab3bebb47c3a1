//! The kubeconfig that leads to the server.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;

/// A kubeconfig of one cluster, user and context, each named `fake`.
pub fn kubeconfig(url: &str, ca_pem: Option<&str>, token: Option<&str>) -> String {
    let mut cluster = json!({ "server": url });
    if let Some(pem) = ca_pem {
        cluster["certificate-authority-data"] = json!(BASE64_STANDARD.encode(pem));
    }
    let user = token.map_or_else(|| json!({}), |token| json!({ "token": token }));
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "fake", "cluster": cluster }],
        "users": [{ "name": "fake", "user": user }],
        "contexts": [{ "name": "fake", "context": { "cluster": "fake", "user": "fake" } }],
        "current-context": "fake",
    });
    // JSON is YAML as well.
    format!("{config:#}\n")
}
