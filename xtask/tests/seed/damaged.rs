//! A repository on disk that is not what it was.

use std::fs;

use crate::bed::Bed;

/// How the message begins, whoever looks.
const REPOSITORY: &str = ".xtask/local/repositories/argocd/edge-manageability-framework.git";

fn packs(bed: &Bed) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(bed.repository().join("objects/pack")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|kind| kind == "pack")).collect()
}

/// Writes zeros over the first object of each pack.
fn corrupt(bed: &Bed) {
    for pack in packs(bed) {
        let mut bytes = fs::read(&pack).unwrap();
        bytes[20..40].fill(0);
        fs::remove_file(&pack).unwrap();
        fs::write(&pack, bytes).unwrap();
    }
}

/// Breaks the repository; some of Git's words then.
type Break = (fn(&Bed), &'static str);

fn leads_nowhere(bed: &Bed) {
    fs::remove_dir_all(bed.repository()).unwrap();
    std::os::unix::fs::symlink("nowhere", bed.repository()).unwrap();
}

#[test]
fn whoever_looks_is_told_what_is_damaged_and_what_to_do() {
    let breaks: [Break; 9] = [
        (|bed| fs::write(bed.repository().join("HEAD"), "garbage").unwrap(), "not appear to be a git"),
        (|bed| fs::remove_file(bed.repository().join("HEAD")).unwrap(), "not appear to be a git"),
        (|bed| fs::remove_dir_all(bed.repository().join("objects")).unwrap(), "not appear to be a git"),
        (|bed| fs::write(bed.repository().join("config"), "[core\n").unwrap(), "bad config line 1"),
        (|bed| fs::write(bed.repository().join("refs/heads/main"), "garbage").unwrap(), "not our ref 00"),
        (
            |bed| fs::write(bed.repository().join("refs/heads/main"), "1".repeat(40)).unwrap(),
            "not our ref 11",
        ),
        (|bed| packs(bed).iter().for_each(|pack| fs::remove_file(pack).unwrap()), "not our ref"),
        (corrupt, "is corrupt"),
        (leads_nowhere, "not appear to be a git"),
    ];
    for (break_it, expected) in breaks {
        let bed = Bed::new();
        let release = bed.release("1", &[("README.md", "one\n")]);
        bed.seeded(&release);
        break_it(&bed);
        for args in [&["status"][..], &["verify", "--tarball", &release], &["seed", "--tarball", &release]] {
            let ran = bed
                .platform
                .xtask(["gitea"].into_iter().chain(args.iter().copied()))
                .run()
                .exits(3)
                .stdout("");
            let said = ran.errors();
            let message = format!("error: `{REPOSITORY}` is damaged, or may not be read: ");
            assert!(said.starts_with(&message) && said.contains(expected), "{args:?}: {said}");
            let help = format!("\nhelp: `git --git-dir {REPOSITORY} fsck` tells what is wrong; ");
            assert!(said.lines().count() == 2 && said.contains(&help), "{args:?}: {said}");
        }
    }
}
