//! How writes are refused, so that what is tested against the fake one holds.

use http::Request;
use kube::Error;
use kube::api::{DeleteParams, PostParams};
use serde_json::{Value, json};

use super::Api;

/// The status code and the reason of a refusal.
fn refusal<T: std::fmt::Debug>(answer: Result<T, Error>) -> (u16, String) {
    match answer {
        Err(Error::Api(status)) => (status.code, status.reason),
        other => panic!("it is not refused: {other:?}"),
    }
}

/// Sends something that a client would not.
async fn send(api: &Api, method: &str, name: &str, content_type: &str, body: &str) -> Result<Value, Error> {
    let path = format!("/api/v1/namespaces/{}/configmaps{name}", api.namespace);
    let request = Request::builder().method(method).uri(path).header("content-type", content_type);
    api.client.request(request.body(body.as_bytes().to_vec()).unwrap()).await
}

pub(crate) async fn writes_are_refused_as_by_a_real_one(api: &Api) {
    let (config_maps, params) = (api.config_maps(), PostParams::default());
    api.create_hosts("hosts", "[]").await;
    let read = config_maps.get("hosts").await.unwrap();
    let refused = |code: u16, reason: &str| (code, reason.to_owned());

    assert_eq!(
        refusal(
            config_maps
                .create(&params, &{
                    let mut again = read.clone();
                    again.metadata.resource_version = None;
                    again
                })
                .await
        ),
        refused(409, "AlreadyExists")
    );
    api.set_data("hosts", json!({"hosts": "[a]"})).await;
    assert_eq!(refusal(config_maps.replace("hosts", &params, &read).await), refused(409, "Conflict"));
    let absent = config_maps.delete("absent", &DeleteParams::default()).await;
    assert_eq!(refusal(absent), refused(404, "NotFound"));

    let (json, patch) = ("application/json", "application/merge-patch+json");
    assert_eq!(refusal(send(api, "PATCH", "/hosts", json, "{}").await), refused(415, "UnsupportedMediaType"));
    assert_eq!(refusal(send(api, "PATCH", "/hosts", patch, "no JSON").await), refused(400, "BadRequest"));
    let elsewhere =
        r#"{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x", "namespace": "y"}}"#;
    assert_eq!(refusal(send(api, "POST", "", json, elsewhere).await), refused(400, "BadRequest"));
    let nameless = r#"{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {}}"#;
    assert_eq!(refusal(send(api, "POST", "", json, nameless).await), refused(422, "Invalid"));
}
