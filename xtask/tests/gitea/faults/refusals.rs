//! What is refused within an answer that is in order.

use fake_gitea::Fault;

use super::{fake, head, mends, pushes, ready, seed};
use crate::bed::Bed;
use crate::seeder::Seeder;

/// A packet line.
fn line(band: u8, text: &[u8]) -> Vec<u8> {
    let mut line = format!("{:04x}", text.len() + 5).into_bytes();
    line.push(band);
    line.extend(text);
    line
}

/// What git says in the end: its report on the first band, and a flush packet.
fn report(unpack: &str, verdict: &str) -> Vec<u8> {
    let inner: Vec<u8> = [unpack, verdict]
        .into_iter()
        .flat_map(|text| format!("{:04x}{text}", text.len() + 4).into_bytes())
        .chain(*b"0000")
        .collect();
    [line(1, &inner), b"0000".to_vec()].concat()
}

/// It is sent once, and refused so.
#[track_caller]
fn is_refused(seeder: &Seeder<'_>, told: &str) {
    let (before, sent) = (head(seeder), pushes(seeder));
    let ran = seed(seeder).exits(1).stdout("");
    assert!(ran.errors().contains(told), "not `{told}`: {}", ran.errors());
    let text = seeder.run("seed --tarball next.tar").exits(1);
    let hides = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!text.errors().contains(hides), "{:?}", text.errors());
    assert!(text.errors().len() < 16 << 10, "{} bytes", text.errors().len());
    assert_eq!((pushes(seeder), &*head(seeder)), (sent + 2, &*before));
}

#[test]
fn a_report_that_refuses_is_shown() {
    let main = |verdict: &str| format!("{verdict}\n");
    for (body, told) in [
        (
            report("unpack ok\n", &main("ng refs/heads/main no room\u{7} left")),
            "refused the commit: no room  left",
        ),
        (
            report("unpack index-pack failed\n", &main("ng refs/heads/main unpacker error")),
            "the pack was not unpacked: index-pack failed",
        ),
        (report("unpack ok\n", &main("ok refs/heads/other")), "a report without the branch"),
        (report("something\n", &main("ok refs/heads/main")), "a report without the outcome of unpacking"),
        (line(3, b"fatal: \x1b[2Jthe disk is full\n"), "refused the commit: fatal:  [2Jthe disk is full"),
        (
            [line(2, b"thinking\n"), line(3, b"gone\n")].concat(),
            "refused the commit: gone; it says: thinking",
        ),
        (line(9, b"?"), "sent what is not Git's protocol"),
        (b"zzzz".to_vec(), "sent what is not Git's protocol"),
    ] {
        let bed = Bed::stand_in();
        let seeder = ready(&bed);
        let before = head(&seeder);
        let answer = Fault::status(200).header("content-type", "application/x-git-receive-pack-result");
        fake(&seeder).faults().push(answer.body(body).push());
        is_refused(&seeder, told);
        mends(&seeder, &before);
    }
}

#[test]
fn a_report_that_lies_is_not_believed() {
    // It says that it took it: nobody but the server can know better.
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    let before = head(&seeder);
    let answer = Fault::status(200).header("content-type", "application/x-git-receive-pack-result");
    let body = report("unpack ok\n", "ok refs/heads/main\n");
    fake(&seeder).faults().push(answer.body(body).push());
    seed(&seeder).exits(0);
    let ran = seeder.run("verify --tarball next.tar").exits(1);
    assert!(ran.errors().contains("differs from the release"), "{}", ran.errors());
    mends(&seeder, &before);
}

#[test]
fn the_words_of_a_hook_are_shown() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    let before = head(&seeder);
    let script = "#!/bin/sh\nprintf 'no commits on\\033[31m Fridays\\a\\r\\nask \\342\\200\\256somebody\\n' >&2\nexit 1\n";
    fake(&seeder).pre_receive(&seeder.repository, script);
    is_refused(
        &seeder,
        "refused the commit: pre-receive hook declined; it says: no commits on [31m Fridays ask  somebody",
    );
    fake(&seeder).remove_pre_receive(&seeder.repository);
    mends(&seeder, &before);
}

#[test]
fn a_hook_that_never_stops_talking_is_cut_short() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    let script = "#!/bin/sh\nyes 'no, and I tell you why' | head -c 3000000 >&2\nexit 1\n";
    fake(&seeder).pre_receive(&seeder.repository, script);
    is_refused(
        &seeder,
        "refused the commit: pre-receive hook declined; it says: no, and I tell you why no, and",
    );
}
