//! Connections that break.

use fake_gitea::Fault;
use serde_json::json;

use super::{commits, count, fake, head, mends, pushes, ready, seed};
use crate::bed::Bed;

const KIB: u64 = 1 << 10;

#[test]
fn cut_after_each_kilobyte_it_is_sent_again() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    let mut after = 0;
    loop {
        seeder.large_archive("next.tar", 32, after);
        let (before, had) = (head(&seeder), commits(&seeder));
        fake(&seeder).faults().push(Fault::cut_request(after * KIB).push().times(1));
        let answer = seed(&seeder).exits(0).json();
        assert_eq!(
            (answer["parent"].as_str(), answer["head"].as_str()),
            (Some(&*before), Some(&*head(&seeder)))
        );
        assert_eq!(commits(&seeder), had + 1, "cut after {after} KiB");
        if answer["attempts"] == 1 {
            // All had come, and it was the answer that was lost.
            break;
        }
        assert_eq!(answer["attempts"], 2, "cut after {after} KiB");
        after += 1;
    }
    assert!((24..=64).contains(&after), "{after} KiB");
}

#[test]
fn cut_again_and_again_it_is_told_and_the_branch_is_as_it_was() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    for after in [0, 1, 9, 17, 25] {
        seeder.large_archive("next.tar", 32, after);
        let (before, sent) = (head(&seeder), pushes(&seeder));
        fake(&seeder).faults().push(Fault::cut_request(after * KIB).push());
        let ran = seed(&seeder).exits(1).stdout("");
        assert!(ran.errors().contains("broke off the connection"), "{}", ran.errors());
        assert_eq!(pushes(&seeder), sent + 3);
        mends(&seeder, &before);
    }
}

#[test]
fn a_large_upload_that_is_cut_is_sent_again() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    for after in [0, 700, 1500, 2300] {
        seeder.large_archive("next.tar", 3 << 10, after);
        let had = commits(&seeder);
        fake(&seeder).faults().push(Fault::cut_request(after * KIB).push().times(1));
        let answer = seed(&seeder).exits(0).json();
        assert_eq!((&answer["attempts"], commits(&seeder)), (&json!(2), had + 1), "cut after {after} KiB");
    }
}

#[test]
fn an_answer_that_is_lost_is_found_on_the_branch() {
    let faults =
        [Fault::lost_answer(), Fault::cut_response(0), Fault::cut_response(9), Fault::cut_response(30)];
    for fault in faults {
        for times in [1, usize::MAX] {
            let bed = Bed::stand_in();
            let seeder = ready(&bed);
            let (before, sent) = (head(&seeder), pushes(&seeder));
            fake(&seeder).faults().push(fault.clone().push().times(times));
            let answer = seed(&seeder).exits(0).json();
            assert_eq!((&answer["committed"], &answer["attempts"]), (&json!(true), &json!(1)));
            assert_eq!(
                (answer["parent"].as_str(), answer["head"].as_str()),
                (Some(&*before), Some(&*head(&seeder)))
            );
            assert_eq!((pushes(&seeder), commits(&seeder)), (sent + 1, 2));
        }
    }
}

#[test]
fn what_git_says_before_may_be_cut_anywhere() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    for (number, path) in ["*/info/refs", "*/git-upload-pack"].into_iter().enumerate() {
        for bytes in [0, 3, 20, 60, 100, 180] {
            seeder.archive("next.tar", &[("VERSION", &format!("3.{number}.{bytes}\n"))]);
            let had = commits(&seeder);
            fake(&seeder).faults().push(Fault::cut_response(bytes).path(path).times(2));
            let answer = seed(&seeder).exits(0).json();
            assert_eq!((&answer["attempts"], commits(&seeder)), (&json!(1), had + 1), "{path} after {bytes}");
        }
    }
}

#[test]
fn a_kept_connection_that_is_closed_when_it_is_used_again_is_no_failure() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    // `next.tar` is not what is there, which `verify` says without an error.
    for (verb, exit) in [("status", 0), ("verify --tarball next.tar", 1)] {
        for path in ["*/info/refs", "*/git-upload-pack"] {
            for (times, exit, cut) in [(1, exit, false), (2, 1, true)] {
                fake(&seeder).faults().push(Fault::lost_answer().path(path).times(times));
                let ran = seeder.run(verb).exits(exit);
                let told = ran.errors().contains("broke off the connection");
                assert_eq!(told, cut, "{verb}, {times} of {path}: {}", ran.errors());
                fake(&seeder).faults().clear();
            }
        }
    }
}

#[test]
fn a_token_is_taken_back_whose_answer_is_lost() {
    for fault in [Fault::lost_answer(), Fault::cut_response(0), Fault::cut_response(9)] {
        let bed = Bed::stand_in();
        let seeder = ready(&bed);
        let (before, deleted) = (head(&seeder), count(&seeder, "DELETE", ""));
        fake(&seeder).faults().push(fault.method("POST").path("/api/v1/users/*/tokens"));
        let ran = seed(&seeder).exits(3).stdout("");
        assert!(!ran.errors().contains("stay"), "{}", ran.errors());
        assert_eq!(count(&seeder, "DELETE", ""), deleted + 1);
        mends(&seeder, &before);
    }
}

#[test]
fn a_token_that_is_refused_is_not_taken_back() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    let (before, deleted) = (head(&seeder), count(&seeder, "DELETE", ""));
    fake(&seeder).faults().push(Fault::status(403).method("POST").path("/api/v1/users/*/tokens"));
    seed(&seeder).exits(3).stdout("");
    assert_eq!(count(&seeder, "DELETE", ""), deleted);
    mends(&seeder, &before);
}
