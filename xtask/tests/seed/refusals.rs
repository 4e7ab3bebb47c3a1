//! Repositories that do not want the release, or cannot take it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::bed::Bed;

fn seeded_once() -> (Bed, String) {
    let bed = Bed::new();
    bed.seeded(&bed.release("1", &[("README.md", "one\n")]));
    let second = bed.release("2", &[("README.md", "two\n")]);
    (bed, second)
}

#[test]
fn a_hook_that_refuses_is_heard() {
    for name in ["pre-receive", "update"] {
        let (bed, second) = seeded_once();
        let head = bed.head();
        bed.hook(name, "echo 'releases are frozen' >&2; exit 1");
        let ran = bed.seed(&second).run().exits(1).stdout("");
        let said = ran.errors();
        assert!(said.contains("releases are frozen") && said.contains("\nhelp: "), "{said}");
        assert!(said.contains("edge-manageability-framework.git"), "{said}");
        assert_eq!(bed.head(), head);
        bed.is_sound();
    }
}

#[test]
fn a_hook_that_talks_much_and_takes_it() {
    let (bed, second) = seeded_once();
    bed.hook(
        "pre-receive",
        "i=0; while [ $i -lt 20000 ]; do echo 'a line of many words' >&2; i=$((i+1)); done",
    );
    bed.hook("post-receive", "exit 1");
    bed.seed(&second).run().exits(0);
    assert_eq!(bed.subjects().len(), 2);
}

#[test]
fn a_hook_reads_nothing_and_ends() {
    let (bed, _) = seeded_once();
    bed.hook("pre-receive", "exec <&-; exit 1");
    let large = bed.large_release("3", 3);
    bed.seed(&large).run().exits(1).stdout("");
    assert_eq!(bed.subjects().len(), 1);
}

#[test]
fn a_lock_that_was_left_behind() {
    let (bed, second) = seeded_once();
    let lock = bed.repository().join("refs/heads/main.lock");
    fs::write(&lock, "").unwrap();
    let ran = bed.seed(&second).run().exits(1).stdout("");
    assert!(ran.errors().contains("lock"), "{}", ran.errors());
    fs::remove_file(lock).unwrap();
    bed.seeded(&second);
    bed.is_sound();
}

#[test]
fn a_repository_of_another_user() {
    let (bed, second) = seeded_once();
    if !rustix::process::geteuid().is_root() {
        // Only root can give a folder away, and Git minds none that root owns.
        let mode = fs::metadata(bed.repository()).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "others cannot look into it");
        return;
    }
    std::os::unix::fs::chown(bed.repository(), Some(65534), Some(65534)).unwrap();
    let ran = bed.seed(&second).run();
    assert!(ran.errors().contains("dubious ownership"), "{}", ran.errors());
    assert!(ran.errors().contains("\nhelp: "), "{}", ran.errors());
    drop(ran.exits(3));
}
