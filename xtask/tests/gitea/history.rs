//! What becomes of the branch's history.

use std::fs;

use serde_json::json;

use super::bed::Bed;
use super::seeder::Seeder;

pub fn the_commit_of_a_person_stays_below(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    let first = seeder.head("main").unwrap();
    let person = seeder.person_commits("notes.txt", "mine\n");
    seeder.archive("second.tar", &[("VERSION", "2.0.0\n"), ("a/b.txt", "second\n")]);
    let second = seeder.seeds("--tarball second.tar");
    assert_eq!(second["parent"], json!(person));
    let history: Vec<String> = seeder.history().into_iter().map(|(id, _)| id).collect();
    assert_eq!(history, [second["head"].as_str().unwrap().to_owned(), person, first]);
    let clone = seeder.clone("clone");
    assert!(!clone.join("notes.txt").exists());
    seeder.git(&clone, &["checkout", "--quiet", "HEAD~1"]);
    assert_eq!(fs::read_to_string(clone.join("notes.txt")).unwrap(), "mine\n");
}

pub fn the_same_archive_becomes_the_same_commit(bed: &Bed) {
    let (one, two) = (Seeder::with_release(bed), Seeder::with_release(bed));
    assert_eq!(one.head("main"), two.head("main"));
    let files = [("VERSION", "2.0.0\n"), ("c.txt", "c\n")];
    one.archive("of-one-name.tar", &files);
    two.archive("of-another.tar", &files);
    let (first, second) = (one.seeds("--tarball of-one-name.tar"), two.seeds("--tarball of-another.tar"));
    assert_eq!(first["head"], second["head"]);
    assert_eq!(first["committed"], true);
    one.person_commits("x.txt", "x\n");
    // On another parent it is another.
    assert_ne!(one.seeds("--tarball of-one-name.tar")["head"], second["head"]);
}

pub fn a_branch_of_another_name_is_seeded_alone(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    let main = seeder.head("main");
    seeder.archive("second.tar", &[("VERSION", "2.0.0\n")]);
    let answer = seeder.seeds("--tarball second.tar --set gitea.branch=releases/next");
    assert_eq!((&answer["branch"], &answer["parent"]), (&json!("releases/next"), &json!(null)));
    assert_eq!(seeder.head("releases/next").as_deref(), answer["head"].as_str());
    assert_eq!(seeder.head("main"), main);
    seeder.run("verify --tarball second.tar --set gitea.branch=releases/next").exits(0);
    let again = seeder.seeds("--tarball second.tar --set gitea.branch=releases/next");
    assert_eq!(again["committed"], false);
}
