//! Somebody else, who pushes at the same moment.

use fake_gitea::Fault;
use serde_json::json;

use super::{commits, fake, head, mends, pushes, ready, seed};
use crate::bed::Bed;
use crate::seeder::Seeder;

fn other_writer(seeder: &Seeder<'_>) -> Fault {
    Fault::other_writer(&seeder.repository, "main").push()
}

#[test]
fn who_was_there_first_is_built_upon() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    let before = head(&seeder);
    fake(&seeder).faults().push(other_writer(&seeder).times(1));
    let answer = seed(&seeder).exits(0).json();
    assert_eq!((&answer["attempts"], answer["head"].as_str()), (&json!(2), Some(&*head(&seeder))));
    let history: Vec<String> = seeder.history().into_iter().map(|(id, _)| id).collect();
    assert_eq!((history.len(), answer["parent"].as_str()), (3, Some(&*history[1])));
    assert_eq!(history[2], before);
    seeder.run("verify --tarball next.tar").exits(0);
}

#[test]
fn who_is_always_first_is_named() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    let (before, sent) = (head(&seeder), pushes(&seeder));
    fake(&seeder).faults().push(other_writer(&seeder));
    let ran = seed(&seeder).exits(1).stdout("");
    let history: Vec<String> = seeder.history().into_iter().map(|(id, _)| id).collect();
    let told = format!("has another writer: the branch was at {}, then at {}", history[1], history[0]);
    assert!(ran.errors().contains(&told), "{}", ran.errors());
    assert_eq!((history.len(), &*history[2], pushes(&seeder)), (3, &*before, sent + 2));
    mends(&seeder, &history[0]);
    assert_eq!(commits(&seeder), 4);
}

#[test]
fn an_answer_is_lost_and_somebody_else_was_first() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    fake(&seeder).faults().push(other_writer(&seeder).times(1));
    fake(&seeder).faults().push(Fault::lost_answer().push().times(1));
    let answer = seed(&seeder).exits(0).json();
    assert_eq!((answer["head"].as_str(), commits(&seeder)), (Some(&*head(&seeder)), 3));
}
