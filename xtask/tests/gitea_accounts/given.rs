//! Credentials that are given, in place of the administrator's secret.

use fake_gitea::{ADMIN, ADMIN_PASSWORD, Certificate};

use crate::bed::Bed;

#[test]
fn the_administrators_secret_is_made_of_the_password() {
    let bed = Bed::with(Certificate::signed());
    bed.checkout.write("password", &format!("{ADMIN_PASSWORD}\n"));
    bed.run("").exits(3).stdout("").stderr(
        "error: Gitea's accounts cannot be seen: there is no secret `orch-platform/admin-gitea-credential` with \
         the password of `gitea_admin`\nhelp: give its password with `--password-file FILE`[..]\n",
    );
    assert_eq!(bed.changes(), 0);
    let answer = bed.run("--password-file password --format json").exits(0).json();
    assert_eq!(answer["accounts"][0]["done"], "adopted");
    bed.fits();
    bed.run("").exits(0);
}

#[test]
fn one_that_is_wrong_is_told() {
    let bed = Bed::new();
    bed.checkout.write("password", "not-the-administrators");
    bed.run("--password-file password").exits(3).stdout("").stderr(
        "error: Gitea does not accept the password of account `gitea_admin` that was given\nhelp: [..]\n",
    );
    bed.secret("admin-gitea-credential", &[("username", ADMIN), ("password", "not-the-administrators")]);
    let told = "the password of secret `orch-platform/admin-gitea-credential` does not open `gitea_admin`";
    let ran = bed.run("").exits(3);
    assert!(ran.errors().contains(told), "{}", ran.errors());
    assert_eq!(bed.changes(), 0);
}

#[test]
fn a_token_will_do_and_its_scopes_count() {
    let bed = Bed::new();
    let scopes = ["write:admin", "write:user"];
    bed.checkout.write("token", &bed.gitea.add_token(ADMIN, "all", &scopes));
    bed.run("--token-file token").exits(0);
    bed.fits();
    bed.checkout.write("token", &bed.gitea.add_token(ADMIN, "few", &["read:repository"]));
    let ran = bed.run("--token-file token").exits(3);
    assert!(ran.errors().contains("Gitea forbids it to the token"), "{}", ran.errors());
    assert!(ran.errors().contains("help: give a token that has the scope"), "{}", ran.errors());
}

#[test]
fn who_is_no_administrator_is_told() {
    let bed = Bed::new();
    bed.gitea.add_user("me", "of-somebody-else");
    bed.checkout.write("token", &bed.gitea.add_token("me", "all", &["all"]));
    let ran = bed.run("--token-file token").exits(3).stdout("");
    assert!(ran.errors().contains("user should be the site admin"), "{}", ran.errors());
    assert!(ran.errors().contains("help: give the credentials of the administrator"), "{}", ran.errors());
}
