//! Refusals as a kube-apiserver 1.33 words them.

use serde_json::{Value, json};

use super::*;
use crate::Resource;

const POOL: Place<'_> =
    Place { kind: &Resource::IP_ADDRESS_POOL, namespace: Some("metallb-system"), name: Some("argo") };

fn told(status: Value) -> Error {
    let status: Status = serde_json::from_value(status).unwrap();
    of("https://s", Action::Apply, &POOL, &kube::Error::Api(status.boxed()))
}

fn conflict(causes: &Value) -> (String, Vec<String>) {
    let details = json!({ "causes": causes });
    let message = "Apply failed with 1 conflict";
    match told(json!({ "code": 409, "reason": "Conflict", "message": message, "details": details })) {
        Error::Conflict { reason, managers, .. } => (reason, managers),
        other => panic!("{other:?}"),
    }
}

fn cause(manager: &str, field: &str) -> Value {
    json!({ "reason": "FieldManagerConflict", "message": manager, "field": field })
}

#[test]
fn a_conflict_names_each_manager_once_and_its_fields() {
    let causes = json!([
        cause("conflict with \"kubectl-edit\" using v1", ".spec.addresses"),
        cause("conflict with \"helm\"", ".spec.autoAssign"),
        cause("conflict with \"kubectl-edit\" using v1", ".metadata.labels.a"),
    ]);
    let (reason, managers) = conflict(&causes);
    assert_eq!(managers, ["helm", "kubectl-edit"]);
    assert_eq!(reason, ".spec.addresses, .spec.autoAssign, .metadata.labels.a");
}

#[test]
fn a_conflict_is_one_however_it_is_worded() {
    for odd in ["", "conflict", "conflict with \"", "conflict with \"\"", "conflict with \"\u{202e}\""] {
        let expected = ("Apply failed with 1 conflict".to_owned(), Vec::<String>::new());
        assert_eq!(conflict(&json!([cause(odd, "")])), expected, "{odd}");
    }
    let (reason, managers) = conflict(&json!([cause("conflict with \"a\x1b[31m\nb\"", ".spec\n.x")]));
    assert_eq!((reason.as_str(), managers), (".spec .x", vec!["a [31m b".to_owned()]));
    let many: Vec<Value> = (0..9).map(|field| cause("conflict with \"a\"", &format!(".f{field}"))).collect();
    assert_eq!(conflict(&many.into()).0, ".f0, .f1, .f2, .f3, .f4 and 4 more");
}

#[test]
fn a_conflict_of_versions_passes() {
    let error = told(json!({ "code": 409, "reason": "Conflict", "message": "the object has been modified" }));
    assert!(matches!(error, Error::Refused { .. }) && error.is_transient(), "{error:?}");
    let expected = "the cluster at `https://s` refuses to apply IPAddressPool `metallb-system/argo`: \
                    409 the object has been modified";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn absence_of_a_kind_is_not_absence_of_an_object() {
    let named = |kind: &str, name: &str| json!({ "code": 404, "reason": "NotFound", "message": "not found", "details": { "kind": kind, "name": name } });
    // Of a group that is not known, kube makes this of the text that comes.
    let page =
        json!({ "code": 404, "reason": "Failed to parse error data", "message": "404 page not found" });
    let resource = json!({
        "code": 404, "reason": "NotFound", "message": "the server could not find the requested resource", "details": {},
    });
    for unknown in [page, resource] {
        let error = told(unknown);
        let expected = "the cluster does not know the kind `IPAddressPool` of `metallb.io/v1beta1`";
        assert_eq!(error.to_string(), expected);
        assert!(error.is_transient());
    }
    let error = told(named("namespaces", "metallb-system"));
    let namespace = "metallb-system".to_owned();
    assert_eq!(error, Error::NoNamespace { what: POOL.to_string(), namespace });
    assert!(!error.is_transient());
    let odd = told(named("ipaddresspools", "argo"));
    assert!(matches!(odd, Error::Refused { .. }), "{odd:?}");
}

#[test]
fn a_webhook_that_refuses_is_not_one_that_is_away() {
    let refusal = "admission webhook \"x.metallb.io\" denied the request: overlapping";
    for code in [400, 403, 422] {
        let error = told(json!({ "code": code, "reason": "Forbidden", "message": refusal }));
        assert!(matches!(&error, Error::Invalid { reason, .. } if reason == refusal), "{error:?}");
        assert!(!error.is_transient());
    }
    let away = "Internal error occurred: failed calling webhook \"x.metallb.io\": failed to call webhook: \
                Post \"https://x.svc:443/\": dial tcp 10.96.0.7:443: connect: connection refused";
    let error = told(json!({ "code": 500, "reason": "InternalError", "message": away }));
    assert!(error.is_transient() && error.to_string().ends_with(&format!("500 {away}")), "{error}");
}

#[test]
fn what_does_not_fit_the_schema_is_not_accepted() {
    let message = "failed to create typed patch object (metallb-system/argo; metallb.io/v1beta1, \
                   Kind=IPAddressPool): .spec.adresses: field not declared in schema";
    let error = told(json!({ "code": 500, "message": message }));
    assert_eq!(error.to_string(), format!("IPAddressPool `metallb-system/argo` is not accepted: {message}"));
    assert!(!error.is_transient());
}

#[test]
fn other_refusals_say_what_was_asked() {
    let error = told(json!({ "code": 403, "reason": "Forbidden", "message": "no" }));
    assert_eq!(error.to_string(), "not allowed to apply IPAddressPool `metallb-system/argo`: no");
    assert!(error.help().starts_with("ask for the right to get, create and patch it; "), "{}", error.help());
    let error = told(json!({ "code": 429, "message": "storage is (re)initializing" }));
    assert!(matches!(error, Error::Refused { .. }) && error.is_transient(), "{error:?}");
    let error = told(json!({ "code": 401, "message": "Unauthorized" }));
    assert_eq!(error, Error::Unauthenticated { server: "https://s".into() });
}
