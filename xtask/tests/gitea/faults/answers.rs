//! Statuses that are no answer of Git's.

use fake_gitea::Fault;
use serde_json::json;

use super::{commits, count, fake, head, mends, pushes, ready, seed};
use crate::bed::Bed;

const REFS: &str = "/info/refs";

#[test]
fn a_server_that_fails_once_or_twice_is_asked_again() {
    for times in [1, 2] {
        for (fault, attempts) in [
            (Fault::status(502).path("*/info/refs"), 1),
            (Fault::status(503).path("*/git-upload-pack"), 1),
            (Fault::status(500).push(), 1 + times),
            (Fault::status(504).early().push(), 1 + times),
        ] {
            let bed = Bed::stand_in();
            let seeder = ready(&bed);
            fake(&seeder).faults().push(fault.times(times));
            let answer = seed(&seeder).exits(0).json();
            assert_eq!(answer["attempts"], json!(attempts));
            assert_eq!((commits(&seeder), answer["head"].as_str()), (2, Some(&*head(&seeder))));
        }
    }
}

#[test]
fn a_server_that_always_fails_is_asked_three_times() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    let before = head(&seeder);
    let refs = count(&seeder, "GET", REFS);
    fake(&seeder).faults().push(Fault::status(500).path("*/info/refs"));
    let ran = seed(&seeder).exits(3).stdout("");
    assert!(ran.errors().contains("failed with status 500"), "{}", ran.errors());
    assert_eq!(count(&seeder, "GET", REFS), refs + 3);
    mends(&seeder, &before);
}

#[test]
fn a_push_that_always_fails_is_made_three_times() {
    for fault in [Fault::status(502), Fault::page(503).early()] {
        let bed = Bed::stand_in();
        let seeder = ready(&bed);
        let (before, sent) = (head(&seeder), pushes(&seeder));
        fake(&seeder).faults().push(fault.push());
        let ran = seed(&seeder).exits(3).stdout("");
        assert!(ran.errors().contains("failed with status 50"), "{}", ran.errors());
        assert_eq!(pushes(&seeder), sent + 3);
        mends(&seeder, &before);
    }
}

#[test]
fn a_server_that_does_not_want_us_is_sent_nothing() {
    let moved =
        Fault::status(301).header("location", "https://elsewhere.invalid/a/b.git/info/refs?service=x");
    for (fault, exit, told) in [
        (Fault::status(401), 1, "refused the credentials (401)"),
        (Fault::status(403), 1, "forbids it (403)"),
        (Fault::status(404), 1, "has no such repository, or hides it from these credentials (404)"),
        (Fault::status(400), 1, "answered with status 400"),
        (Fault::status(411), 1, "takes no upload without a length (411)"),
        (Fault::status(413), 1, "takes no upload of this size (413)"),
        (moved, 1, "has moved to `https://elsewhere.invalid/a/b.git` (301)"),
        (Fault::page(200), 1, "answered with `text/html` where Git's protocol was expected"),
        (Fault::status(204), 1, "where Git's protocol was expected"),
    ] {
        let bed = Bed::stand_in();
        let seeder = ready(&bed);
        let (before, sent, refs) = (head(&seeder), pushes(&seeder), count(&seeder, "GET", REFS));
        fake(&seeder).faults().push(fault.path("*/info/refs"));
        let ran = seed(&seeder).exits(exit).stdout("");
        assert!(ran.errors().contains(told), "not `{told}`: {}", ran.errors());
        assert_eq!((pushes(&seeder), count(&seeder, "GET", REFS)), (sent, refs + 1), "{told}");
        mends(&seeder, &before);
    }
}

#[test]
fn a_push_that_is_not_wanted_is_made_once() {
    for (fault, told) in [
        (Fault::status(400), "answered with status 400"),
        (Fault::status(401), "refused the credentials (401)"),
        (
            Fault::status(403).header("content-type", "text/plain").body("no\x1b[31m more\r\n"),
            "forbids it (403); it says: no [31m more",
        ),
        (Fault::status(411), "takes no upload without a length (411)"),
        (Fault::status(413).early(), "takes no upload of this size (413)"),
        (Fault::page(413), "takes no upload of this size (413)"),
        (Fault::page(200), "answered with `text/html` where Git's protocol was expected"),
        (Fault::status(307).header("location", "/other"), "has moved to `/other` (307)"),
    ] {
        let bed = Bed::stand_in();
        let seeder = ready(&bed);
        let (before, sent) = (head(&seeder), pushes(&seeder));
        fake(&seeder).faults().push(fault.push());
        let ran = seed(&seeder).exits(1).stdout("");
        assert!(ran.errors().contains(told), "not `{told}`: {}", ran.errors());
        assert_eq!(pushes(&seeder), sent + 1, "{told}");
        mends(&seeder, &before);
    }
}

#[test]
fn a_large_push_that_is_not_wanted_is_told_by_its_status() {
    // Of a body below 1 MiB the server is not asked whether it wants it.
    for (kib, fault) in [
        (4 << 10, Fault::status(413).early()),
        (4 << 10, Fault::status(413)),
        (1100, Fault::status(413).early()),
    ] {
        let bed = Bed::stand_in();
        let seeder = ready(&bed);
        seeder.large_archive("next.tar", kib, 1);
        let (before, sent) = (head(&seeder), pushes(&seeder));
        fake(&seeder).faults().push(fault.push());
        let ran = seed(&seeder).exits(1).stdout("");
        assert!(ran.errors().contains("takes no upload of this size (413)"), "{}", ran.errors());
        assert_eq!(pushes(&seeder), sent + 1);
        mends(&seeder, &before);
    }
}

#[test]
fn an_answer_of_the_wrong_type_does_no_harm() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    // Git is at work when the answer begins: it may be done by the time that
    // the branch is looked at, or not.
    fake(&seeder).faults().push(Fault::content_type("text/plain").push().times(1));
    let ran = seeder.run("seed --tarball next.tar --format json");
    if ran.text().is_empty() {
        let ran = ran.exits(1);
        assert!(ran.errors().contains("answered with `text/plain`"), "{}", ran.errors());
    } else {
        ran.exits(0);
    }
    seed(&seeder).exits(0);
    assert_eq!(commits(&seeder), 2);
}

#[test]
fn an_api_that_is_none_is_told() {
    for (fault, exit, told) in [
        (Fault::status(500), 3, "the server fails with status 500"),
        (Fault::page(200), 1, "something else than Gitea answers: status 200 with text/html"),
        (Fault::page(403), 1, "something else than Gitea answers: status 403 with text/html"),
        (Fault::lost_answer(), 3, "cannot be reached"),
    ] {
        let bed = Bed::stand_in();
        let seeder = ready(&bed);
        let sent = pushes(&seeder);
        for path in ["/api/v1/repos/*", "/api/v1/users/*/tokens"] {
            fake(&seeder).faults().push(fault.clone().path(path));
            let ran = seeder.run("seed --tarball next.tar").exits(exit).stdout("");
            assert!(ran.errors().contains(told), "not `{told}`: {}", ran.errors());
            fake(&seeder).faults().clear();
        }
        assert_eq!((pushes(&seeder), commits(&seeder)), (sent, 1));
        mends(&seeder, &head(&seeder));
    }
}

#[test]
fn a_repository_that_seems_empty_is_asked_for_no_branch() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    let mut described = seeder.described();
    described["empty"] = json!(true);
    let described = Fault::status(200).header("content-type", "application/json").body(described.to_string());
    let path = format!("/api/v1/repos/{}", seeder.repository);
    fake(&seeder).faults().push(described.path(&*path));
    fake(&seeder).faults().push(Fault::status(500).path(format!("{path}/branches/*")));
    seed(&seeder).exits(0);
    assert_eq!(commits(&seeder), 2);
}
