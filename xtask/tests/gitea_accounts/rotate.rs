//! `--rotate`.

use serde_json::json;

use crate::bed::{ACCOUNTS, Bed};

/// A Gitea with all its accounts, and secrets of ours for them, the
/// administrator's too.
fn made() -> Bed {
    let bed = Bed::new();
    bed.kube.delete("Secret", "orch-platform", "admin-gitea-credential");
    bed.checkout.write("password", fake_gitea::ADMIN_PASSWORD);
    bed.run("--password-file password").exits(0);
    bed.fits();
    bed
}

fn passwords(bed: &Bed) -> Vec<String> {
    ACCOUNTS.iter().map(|(_, secret)| bed.password(secret, "password")).collect()
}

#[test]
fn every_account_and_its_secret_get_a_new_password() {
    let bed = made();
    let before = passwords(&bed);
    let answer = bed.run("--rotate --format json").exits(0).stderr("").json();
    for row in answer["accounts"].as_array().unwrap() {
        assert_eq!((&row["done"], &row["trouble"]), (&json!("rotated"), &json!(null)));
    }
    bed.fits();
    assert!(passwords(&bed).iter().zip(&before).all(|(new, old)| new != old));
    bed.run("").exits(0);
}

#[test]
fn it_mends_what_does_not_fit_together() {
    let bed = made();
    bed.tamper("argocd-gitea-credential", "password", Some("not-the-accounts"));
    bed.kube.delete("Secret", "orch-platform", "app-gitea-credential");
    bed.tamper("cluster-gitea-credential", "password", None);
    bed.run("").exits(3);
    bed.run("--rotate").exits(0);
    bed.fits();
}

#[test]
fn it_says_what_it_would_do() {
    let bed = made();
    let before = bed.changes();
    let ran = bed.run("--rotate --dry-run").exits(0);
    let argocd =
        "would give account `argocd` and secret `orch-platform/argocd-gitea-credential` a new password\n";
    assert!(ran.text().contains(argocd), "{}", ran.text());
    assert_eq!(bed.changes(), before);
}

#[test]
fn without_gitea_it_does_nothing() {
    let bed = made();
    bed.runs(false);
    let before = (bed.changes(), passwords(&bed));
    bed.run("--rotate").exits(3).stdout("").stderr(
        "error: no password can be changed: Gitea cannot be reached: no pod behind service `gitea/gitea-http` is \
         ready\nhelp: run this without `--rotate`[..]\n",
    );
    assert_eq!((bed.changes(), passwords(&bed)), before);
}
