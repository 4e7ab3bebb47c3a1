//! Who is an administrator, and who should be.

use fake_gitea::{ADMIN, ADMIN_PASSWORD, Fault};
use serde_json::json;

use crate::bed::Bed;

/// A Gitea whose administrator's token is in the file `token`, and secrets of
/// ours for all accounts.
fn made() -> Bed {
    let bed = Bed::new();
    bed.kube.delete("Secret", "orch-platform", "admin-gitea-credential");
    bed.checkout.write("password", ADMIN_PASSWORD);
    bed.run("--password-file password").exits(0);
    bed.checkout.write("token", &bed.gitea.add_token(ADMIN, "of-a-test", &["all"]));
    bed
}

/// The profile says something else.
fn profile(bed: &Bed, before: &str, after: &str) {
    let text = bed.checkout.read("profiles/coder.toml");
    assert!(text.contains(before));
    bed.checkout.write("profiles/coder.toml", &text.replace(before, after));
}

fn is_admin(bed: &Bed, name: &str) -> bool {
    bed.gitea.user(name).unwrap().is_admin
}

#[test]
fn an_administrator_is_made_by_another_one() {
    let bed = made();
    profile(&bed, "name = \"gitea_admin\"", "name = \"boss\"");
    bed.kube.delete("Secret", "orch-platform", "admin-gitea-credential");
    let would = bed.run("--token-file token --dry-run").exits(0);
    assert!(would.text().contains("and administrator `boss` of it\n"), "{}", would.text());
    let answer = bed.run("--token-file token --format json").exits(0).json();
    assert_eq!(
        (&answer["accounts"][0]["name"], &answer["accounts"][0]["done"]),
        (&json!("boss"), &json!("both"))
    );
    assert!(is_admin(&bed, "boss") && !bed.gitea.user("boss").unwrap().must_change_password);
    // It can do without the other one from now on.
    let answer = bed.run("--format json").exits(0).json();
    assert_eq!(answer["accounts"][0]["done"], "already");
}

/// Both without and with a secret that the account is made of.
#[test]
fn the_making_of_an_administrator_is_made_up_for() {
    for has_secret in [false, true] {
        for fault in [Fault::status(502), Fault::lost_answer(), Fault::cut_request(0)] {
            let bed = Bed::new();
            profile(&bed, "name = \"argocd\"\n", "name = \"argocd\"\nadmin = true\n");
            if has_secret {
                bed.runs(false);
                bed.run("").exits(0);
                bed.runs(true);
            }
            let before = bed.held("argocd-gitea-credential");
            bed.gitea.faults().push(fault.method("PATCH").path("/api/v1/admin/users/argocd").times(1));
            let ran = bed.run("").exits(3);
            assert!(ran.errors().contains("`argocd` is not done; run this again"), "{}", ran.errors());
            let answer = bed.run("--format json").exits(0).json();
            assert_eq!(answer["accounts"][1]["done"], "resumed");
            assert!(is_admin(&bed, "argocd"));
            bed.fits();
            assert!(before.is_none_or(|before| Some(before) == bed.held("argocd-gitea-credential")));
        }
    }
}

#[test]
fn rights_that_are_not_the_profiles_are_told_and_mended() {
    let bed = made();
    let (plain, raised) = ("name = \"argocd\"\n", "name = \"argocd\"\nadmin = true\n");
    for (before, after, told) in [
        (plain, raised, "left: the account is no administrator, and should be one"),
        (raised, plain, "left: the account is an administrator, and should be none"),
    ] {
        profile(&bed, before, after);
        let was = is_admin(&bed, "argocd");
        let changes = bed.changes();
        let ran = bed.run("").exits(3);
        assert!(ran.text().contains(told), "{}", ran.text());
        ran.stderr("error: accounts and secrets do not fit together: `argocd`\nhelp: [..]\n");
        assert_eq!((bed.changes(), is_admin(&bed, "argocd")), (changes, was));
        bed.run("--rotate").exits(0);
        assert_eq!(is_admin(&bed, "argocd"), !was);
        assert!(is_admin(&bed, ADMIN));
        bed.fits();
        bed.run("").exits(0);
    }
}
