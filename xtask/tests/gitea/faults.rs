//! Seeding where Gitea goes wrong, as the stand-in alone can be told to.

mod answers;
mod certificates;
mod cuts;
mod refusals;
mod time;
mod writers;

use fake_gitea::{FakeGitea, Request};

use crate::bed::Bed;
use crate::seeder::Seeder;
use crate::support::Ran;

/// A branch with a release, and another in `next.tar`.
fn ready(bed: &Bed) -> Seeder<'_> {
    let seeder = Seeder::with_release(bed);
    seeder.archive("next.tar", &[("VERSION", "2.0.0\n"), ("a/b.txt", "next\n")]);
    seeder
}

/// Seeds `next.tar`; however it ends, no token is left.
#[track_caller]
fn seed(seeder: &Seeder<'_>) -> Ran {
    let ran = seeder.run("seed --tarball next.tar --format json");
    assert_eq!(seeder.push_tokens(), [""; 0], "{}", ran.errors());
    ran
}

fn fake<'a>(seeder: &Seeder<'a>) -> &'a FakeGitea {
    seeder.bed.fake().unwrap()
}

/// The branch's head, by its file.
#[track_caller]
fn head(seeder: &Seeder<'_>) -> String {
    fake(seeder).head(&seeder.repository, "main").unwrap()
}

/// How many commits the branch has; the repository is sound.
#[track_caller]
fn commits(seeder: &Seeder<'_>) -> usize {
    fake(seeder).git(&seeder.repository, &["fsck", "--strict", "--no-dangling"]);
    fake(seeder).git(&seeder.repository, &["rev-list", "--count", "main"]).parse().unwrap()
}

/// Requests so far of this method and ending of a path.
fn count(seeder: &Seeder<'_>, method: &str, ending: &str) -> usize {
    let is_one = |request: &&Request| request.method == method && request.path.ends_with(ending);
    fake(seeder).requests().iter().filter(is_one).count()
}

/// Packs that were sent, or begun to be.
fn pushes(seeder: &Seeder<'_>) -> usize {
    count(seeder, "POST", "/git-receive-pack")
}

/// Asserts that the branch is as it was, and that seeding again makes it
/// complete, with one commit more.
#[track_caller]
fn mends(seeder: &Seeder<'_>, before: &str) {
    fake(seeder).faults().clear();
    assert_eq!(head(seeder), before);
    let had = commits(seeder);
    let answer = seed(seeder).exits(0).json();
    assert_eq!((answer["parent"].as_str(), answer["head"].as_str()), (Some(before), Some(&*head(seeder))));
    assert_eq!(commits(seeder), had + 1);
}
