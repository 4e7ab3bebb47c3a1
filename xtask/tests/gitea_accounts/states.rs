//! Each state that accounts and secrets can be in.

use fake_gitea::{ADMIN, Certificate, Fault};
use serde_json::json;

use crate::bed::{ACCOUNTS, Bed};

#[test]
fn all_that_is_missing_is_made_and_then_it_is_so_already() {
    let bed = Bed::new();
    let ran = bed.run("").exits(0).stderr("");
    ran.stdout(
        "ACCOUNT      SECRET                                  STATE\n\
         gitea_admin  orch-platform/admin-gitea-credential    so already\n\
         argocd       orch-platform/argocd-gitea-credential   secret and account made\n\
         apporch      orch-platform/app-gitea-credential      secret and account made\n\
         clusterorch  orch-platform/cluster-gitea-credential  secret and account made\n",
    );
    bed.fits();
    for (account, secret) in &ACCOUNTS[1..] {
        let password = bed.password(secret, "password");
        assert!(password.len() >= 24 && password.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let user = bed.gitea.user(account).unwrap();
        assert!(!user.must_change_password && !user.is_admin);
        let object = bed.kube.get("Secret", "orch-platform", secret).unwrap();
        assert_eq!((object["type"].as_str(), object["metadata"]["labels"]["dev.xtask.profile"].as_str()), {
            (Some("Opaque"), Some("coder"))
        });
    }
    let before = bed.changes();
    let answer = bed.run("--format json").exits(0).stderr("").json();
    let row = json!({
        "name": "argocd", "secret": "orch-platform/argocd-gitea-credential", "admin": false,
        "done": "already", "trouble": null,
    });
    assert_eq!(answer["accounts"][1], row);
    assert_eq!((&answer["command"], &answer["pending"]), (&json!("gitea accounts"), &json!(null)));
    assert_eq!(bed.changes(), before, "nothing changes");
}

#[test]
fn before_gitea_the_secrets_alone_are_made() {
    let bed = Bed::with(Certificate::signed());
    bed.kube.delete("Service", "gitea", "gitea-http");
    let ran = bed.run("").exits(0).stderr("");
    assert!(ran.text().contains("secret made\n"), "{}", ran.text());
    let pending =
        "Gitea is not there yet: service `gitea/gitea-http` does not exist; run this again once it runs";
    assert!(ran.text().contains(pending), "{}", ran.text());
    assert!(bed.gitea.requests().is_empty());
    let admin = bed.password("admin-gitea-credential", "password");

    // Its pod waits for what its chart makes of the administrator's secret.
    bed.runs(false);
    let answer = bed.run("--format json").exits(0).json();
    assert_eq!(answer["accounts"][0]["done"], "pending");
    assert_eq!(answer["pending"], "no pod behind service `gitea/gitea-http` is ready");
    assert_eq!(bed.password("admin-gitea-credential", "password"), admin);

    // Once it runs, its administrator has the password of the secret.
    bed.runs(true);
    bed.secret("admin-gitea-credential", &[("username", ADMIN), ("password", fake_gitea::ADMIN_PASSWORD)]);
    let answer = bed.run("--format json").exits(0).json();
    assert_eq!(answer["accounts"][1]["done"], "account");
    bed.fits();
}

#[test]
fn a_dry_run_tells_all_and_does_nothing() {
    let bed = Bed::new();
    bed.run("--dry-run").exits(0).stderr("").stdout(
        "would make secret `orch-platform/argocd-gitea-credential` with a new password, and account `argocd` of it\n\
         would make secret `orch-platform/app-gitea-credential` with a new password, and account `apporch` of it\n\
         would make secret `orch-platform/cluster-gitea-credential` with a new password, and account `clusterorch` \
         of it\n",
    );
    assert_eq!(bed.changes(), 0);
}

#[test]
fn a_secret_without_an_account_is_made_one_of() {
    let bed = Bed::new();
    bed.secret("argocd-gitea-credential", &[("username", "argocd"), ("password", "chosen-by-hand")]);
    let answer = bed.run("--format json").exits(0).json();
    assert_eq!(answer["accounts"][1]["done"], "account");
    assert_eq!(bed.gitea.user("argocd").unwrap().password, "chosen-by-hand");
    bed.fits();
}

#[test]
fn what_does_not_fit_together_is_told_and_left() {
    let bed = Bed::new();
    bed.run("").exits(0);
    bed.tamper("argocd-gitea-credential", "password", Some("not-the-accounts"));
    bed.kube.delete("Secret", "orch-platform", "app-gitea-credential");
    bed.tamper("cluster-gitea-credential", "username", Some("another"));
    let before = bed.changes();
    let ran = bed.run("").exits(3);
    for told in [
        "left: the password of secret `orch-platform/argocd-gitea-credential` is not the account's",
        "left: there is an account, but no secret `orch-platform/app-gitea-credential`",
        "left: the `username` of secret `orch-platform/cluster-gitea-credential` is another",
    ] {
        assert!(ran.text().contains(told), "{}", ran.text());
    }
    ran.stderr(
        "error: accounts and secrets do not fit together: `argocd`, `apporch`, `clusterorch`\n\
         help: `cargo xtask gitea accounts --rotate`[..]\n",
    );
    assert_eq!(bed.changes(), before);
}

#[test]
fn what_is_ours_and_incomplete_is_made_anew() {
    let bed = Bed::with(Certificate::signed());
    bed.kube.delete("Service", "gitea", "gitea-http");
    bed.run("").exits(0);
    bed.tamper("argocd-gitea-credential", "password", None);
    let answer = bed.run("--format json").exits(0).json();
    assert_eq!(answer["accounts"][1]["done"], "secret");
    assert!(bed.password("argocd-gitea-credential", "password").len() >= 24);
}

#[test]
fn a_password_that_was_to_be_changed_is_kept() {
    let bed = Bed::new();
    bed.run("").exits(0);
    let message =
        r#"{"message":"You must change your password. Change it at: https://a/user/change_password"}"#;
    let fault = Fault::status(403).header("content-type", "application/json").body(message);
    bed.gitea.faults().push(fault.path("/api/v1/user").times(1));
    let answer = bed.run("--format json").exits(0).json();
    assert_eq!(answer["accounts"][0]["done"], "released");
    let edits = bed.gitea.requests().into_iter().filter(|request| request.method == "PATCH");
    assert_eq!(edits.map(|request| request.path).collect::<Vec<_>>(), ["/api/v1/admin/users/gitea_admin"]);
    bed.fits();
}

#[test]
fn a_profile_without_gitea_is_told() {
    let bed = Bed::new();
    let ran = bed.checkout.xtask(["gitea", "accounts", "--profile", "local"]).run().exits(2);
    ran.stderr(
        "error: profile `local` has no Gitea: its repositories are on disk\nhelp: choose a profile[..]\n",
    );
}
