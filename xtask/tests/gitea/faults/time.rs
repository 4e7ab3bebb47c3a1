//! Servers that take their time, and users that do not wait.

use std::process::{Child, Output};
use std::time::Duration;

use fake_gitea::Fault;
use rustix::process::{Pid, Signal, kill_process};

use super::{fake, head, mends, pushes, ready};
use crate::bed::Bed;
use crate::seeder::Seeder;

/// How long anything may take before a test fails. It is less than a silent
/// server is given when nobody asks for less.
const LIMIT: Duration = Duration::from_mins(1);

#[test]
fn a_server_that_says_nothing_is_left_when_the_time_is_up() {
    for path in ["/api/v1/repos/*", "*/info/refs", "*/git-upload-pack", "*/git-receive-pack"] {
        let bed = Bed::stand_in();
        let seeder = ready(&bed);
        let before = head(&seeder);
        fake(&seeder).faults().push(Fault::silence().path(path));
        let ran = seeder.call("seed --tarball next.tar --timeout 3s").within(LIMIT).run().exits(4).stdout("");
        assert!(ran.errors().contains("--timeout"), "{path}: {}", ran.errors());
        assert_eq!(seeder.push_tokens(), [""; 0], "{path}: {}", ran.errors());
        mends(&seeder, &before);
    }
}

#[test]
fn a_large_upload_is_left_when_the_time_is_up() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    seeder.large_archive("next.tar", 16 << 10, 1);
    let before = head(&seeder);
    fake(&seeder).faults().push(Fault::silence().push());
    seeder.call("seed --tarball next.tar --timeout 3s").within(LIMIT).run().exits(4).stdout("");
    mends(&seeder, &before);
}

#[test]
fn ctrl_c_ends_a_seeding_whatever_it_waits_for() {
    for path in ["/api/v1/repos/*", "*/info/refs", "*/git-upload-pack", "*/git-receive-pack"] {
        let bed = Bed::stand_in();
        let seeder = ready(&bed);
        let (before, seen) = (head(&seeder), fake(&seeder).requests().len());
        fake(&seeder).faults().push(Fault::silence().path(path));
        let call = seeder.call("seed --tarball next.tar").within(LIMIT).spawn();
        let ending = path.trim_matches('*').to_owned();
        fake(&seeder).wait_for(LIMIT, |fake| {
            fake.requests()[seen..].iter().any(|request| request.path.contains(&*ending))
        });
        is_interrupted(&seeder, call);
        mends(&seeder, &before);
    }
}

#[test]
fn ctrl_c_in_the_middle_of_an_upload_leaves_the_branch() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    seeder.large_archive("next.tar", 16 << 10, 1);
    let (before, sent) = (head(&seeder), pushes(&seeder));
    // It is taken in, and never answered.
    fake(&seeder).pre_receive(&seeder.repository, "#!/bin/sh\nexit 1\n");
    let call = seeder.call("seed --tarball next.tar").within(LIMIT).spawn();
    fake(&seeder).wait_for(LIMIT, |fake| {
        let requests = fake.requests();
        let mut pushed = requests.iter().filter(|request| request.path.ends_with("/git-receive-pack"));
        pushed.nth(sent).is_some_and(|push| push.method == "POST" && push.body_bytes() > 1 << 20)
    });
    is_interrupted(&seeder, call);
    fake(&seeder).remove_pre_receive(&seeder.repository);
    mends(&seeder, &before);
}

/// After Ctrl-C it ends so, has said nothing but why, and has left no token.
#[track_caller]
fn is_interrupted(seeder: &Seeder<'_>, call: Child) {
    // `timeout` hands it on.
    kill_process(Pid::from_child(&call), Signal::INT).unwrap();
    let Output { status, stdout, stderr } = call.wait_with_output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert_eq!((status.code(), &*stdout), (Some(130), ""), "{stderr}");
    assert!(stderr.contains("interrupted"), "{stderr}");
    seeder.tells_no_secret(&stderr);
    assert_eq!(seeder.push_tokens(), [""; 0], "{stderr}");
}
