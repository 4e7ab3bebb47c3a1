//! What Gitea refuses, and how that is told: before anything is sent.

use fake_gitea::Certificate;
use serde_json::json;

use super::bed::{As, Bed};
use super::seeder::Seeder;

/// Seeding another release exits so, says this, and changes nothing: no push
/// has come.
#[track_caller]
fn is_refused(seeder: &Seeder<'_>, words: &str, exit: i32, told: &str) {
    seeder.archive("second.tar", &[("VERSION", "2.0.0\n"), ("a/b.txt", "second\n")]);
    let sent = pushes(seeder.bed);
    for more in ["", " -v", " --format json"] {
        let ran = seeder.run(&format!("seed --tarball second.tar {words}{more}")).exits(exit).stdout("");
        assert!(ran.errors().contains(told), "not `{told}`: {}", ran.errors());
        assert!(ran.errors().contains("help"), "{}", ran.errors());
    }
    assert_eq!(pushes(seeder.bed), sent);
}

fn pushes(bed: &Bed) -> usize {
    let Some(fake) = bed.fake() else { return 0 };
    let requests = fake.requests();
    let is_push = |request: &&fake_gitea::Request| {
        request.method == "POST" && request.path.ends_with("/git-receive-pack")
    };
    requests.iter().filter(is_push).count()
}

pub fn a_wrong_password_is_told(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    seeder.checkout.write("wrong", "of-nobody-at-all-1");
    is_refused(&seeder, "--password-file wrong", 3, "does not accept the password of account");
    is_refused(&seeder, "--token-file wrong", 3, "does not accept the token");
    assert_eq!(seeder.history().len(), 1);
    for verb in ["status", "verify --tarball second.tar"] {
        let ran = seeder.run(&format!("{verb} --password-file wrong")).exits(3).stdout("");
        assert!(ran.errors().contains("does not accept the password"), "{}", ran.errors());
    }
}

pub fn a_token_that_may_not_write_is_told(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    seeder.token(&["read:repository"]);
    is_refused(&seeder, "--token-file token", 1, "forbids it (403)");
    let other = bed.token(&seeder.user, "other", &["write:issue"]);
    seeder.checkout.write("token", &other);
    is_refused(&seeder, "--token-file token", 3, "forbids it to the token");
    assert_eq!(seeder.history().len(), 1);
}

pub fn a_repository_of_somebody_else_is_told(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    // It is private.
    let other = bed.user();
    seeder.checkout.write("token", &bed.token(&other, "all", &["all"]));
    is_refused(&seeder, "--token-file token", 3, "and not of its owner");
    // It may be read.
    let path = format!("/repos/{}", seeder.repository);
    bed.patch(&path, As::User(&seeder.user), &json!({ "private": false })).is(200);
    let ran = seeder.run("seed --tarball second.tar --token-file token").exits(1).stdout("");
    assert!(ran.errors().contains("refused the commit: pre-receive hook declined"), "{}", ran.errors());
    assert!(ran.errors().contains("User permission denied for writing."), "{}", ran.errors());
    assert_eq!(seeder.history().len(), 1);
}

pub fn an_owner_that_does_not_exist_is_told(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    seeder.token(&["all"]);
    let nobody = bed.name();
    let set = format!("--set gitea.repository={nobody}/infra");
    is_refused(&seeder, &format!("{set} --token-file token"), 3, "and not of its owner");
    is_refused(&seeder, &set, 3, "does not accept the password of account");
    bed.get(&format!("/repos/{nobody}/infra"), As::Admin).is(404);
}

pub fn an_archived_repository_is_told(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    let path = format!("/repos/{}", seeder.repository);
    bed.patch(&path, As::User(&seeder.user), &json!({ "archived": true })).is(200);
    is_refused(&seeder, "", 1, "is archived: nobody can push to it");
    assert_eq!((seeder.history().len(), bed.tokens(&seeder.user).len()), (1, 0));
    // It can be read.
    seeder.run("verify --tarball first.tar").exits(0);
}

pub fn a_protected_branch_is_told(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    let path = format!("/repos/{}/branch_protections", seeder.repository);
    let rule = json!({ "rule_name": "main", "enable_push": false });
    bed.post(&path, As::User(&seeder.user), &rule).is(201);
    seeder.is_noticed();
    is_refused(&seeder, "", 3, "is protected, and not to be pushed to by the password of account");
    assert_eq!((seeder.history().len(), bed.tokens(&seeder.user).len()), (1, 0));
    // A rule for a branch that is not there yet is told by the push itself.
    let rule = json!({ "rule_name": "next", "enable_push": false });
    bed.post(&path, As::User(&seeder.user), &rule).is(201);
    let ran = seeder.run("seed --tarball second.tar --set gitea.branch=next").exits(1).stdout("");
    assert!(ran.errors().contains("refused the commit: pre-receive hook declined"), "{}", ran.errors());
    assert!(ran.errors().contains("Not allowed to push to protected branch next"), "{}", ran.errors());
    assert_eq!((seeder.head("next"), bed.tokens(&seeder.user).len()), (None, 0));
}

pub fn a_renamed_repository_is_told(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    let path = format!("/repos/{}", seeder.repository);
    bed.patch(&path, As::User(&seeder.user), &json!({ "name": "moved" })).is(200);
    let to = format!("it has moved to `/api/v1/repos/{}/moved`", seeder.user);
    is_refused(&seeder, "", 1, &to);
}

pub fn a_foreign_authority_is_told(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    let requests = || bed.fake().map(|fake| fake.requests().len());
    let before = requests();
    seeder.checkout.write("foreign.pem", Certificate::signed().authority_pem());
    is_refused(&seeder, "--ca foreign.pem", 3, "cannot be trusted");
    seeder.checkout.write("empty.pem", "");
    is_refused(&seeder, "--ca empty.pem", 2, "`empty.pem` of `--ca` holds");
    assert_eq!(requests(), before);
}
