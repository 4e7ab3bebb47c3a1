//! Secrets of somebody else.

use serde_json::json;

use crate::bed::{Bed, SECRETS};

#[test]
fn they_are_never_changed() {
    let bed = Bed::new();
    bed.run("").exits(0);
    let before = (bed.changes(), bed.held("admin-gitea-credential"));
    bed.run("--rotate").exits(5).stdout("").stderr(
        "error: not ours to change: the secrets `orch-platform/admin-gitea-credential` (somebody else made it); \
         nothing was done\nhelp: let whoever made them[..]\n",
    );
    assert_eq!((bed.changes(), bed.held("admin-gitea-credential")), before);
}

#[test]
fn one_that_somebody_edited_is_somebody_elses() {
    let bed = Bed::new();
    bed.run("").exits(0);
    let mut secret = bed.kube.get("Secret", SECRETS, "argocd-gitea-credential").unwrap();
    let entry = json!({
        "manager": "kubectl-edit", "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
        "fieldsV1": { "f:data": { "f:password": {} } },
    });
    secret["metadata"]["managedFields"].as_array_mut().unwrap().push(entry);
    bed.kube.apply(&secret);
    bed.run("").exits(0);
    let ran = bed.run("--rotate").exits(5);
    let told = "`orch-platform/argocd-gitea-credential` (`kubectl-edit` has set its password)";
    assert!(ran.errors().contains(told), "{}", ran.errors());
}

#[test]
fn one_without_a_password_is_told() {
    let bed = Bed::new();
    bed.secret("argocd-gitea-credential", &[("username", "argocd")]);
    let ran = bed.run("").exits(3);
    let told = "left: secret `orch-platform/argocd-gitea-credential` has no `password`";
    assert!(ran.text().contains(told), "{}", ran.text());
    assert!(bed.gitea.user("argocd").is_none());
    assert!(bed.gitea.user("apporch").is_some(), "the others are made");
}
