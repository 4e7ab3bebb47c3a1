//! What killed pushes leave, and who may look at what is there.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::bed::{Bed, run_git, succeeded};
use crate::fixture::files;

/// Makes it, and all that is in it, look two hours old.
fn age(path: &Path) {
    for path in files::below(path).into_keys().chain([path.to_owned()]) {
        File::open(path).unwrap().set_modified(SystemTime::now() - Duration::from_hours(2)).unwrap();
    }
}

#[test]
fn the_next_seeding_removes_what_killed_ones_left() {
    let bed = Bed::new();
    bed.seeded(&bed.release("1", &[("README.md", "one\n")]));
    let (repository, owner) = (bed.repository(), bed.repository().join(".."));
    let (objects, pack) = (repository.join("objects"), repository.join("objects/pack"));
    let folder = |path: &Path| {
        fs::create_dir_all(path.join("pack")).unwrap();
        fs::write(path.join("pack/tmp_pack_q1w2e3"), "half").unwrap();
    };
    let stale = [
        objects.join("tmp_objdir-incoming-q1w2e3"),
        objects.join("incoming-q1w2e3"),
        owner.join(".new-q1w2e3"),
    ];
    stale.iter().for_each(|path| folder(path));
    fs::write(pack.join("tmp_idx_q1w2e3"), "half").unwrap();
    stale.iter().chain([&pack.join("tmp_idx_q1w2e3")]).for_each(|path| age(path));
    // Old folders into which something is written still, and all that is no leftover.
    let live = [objects.join("tmp_objdir-incoming-a1s2d3"), owner.join(".new-a1s2d3")];
    for path in &live {
        folder(path);
        age(path);
        fs::write(path.join("pack/tmp_pack_q1w2e3"), "more").unwrap();
        File::open(path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
    let packs = || files::below(&pack).into_keys().filter(|path| path.extension().is_some()).count();
    let before = packs();
    files::below(&pack).into_keys().for_each(|path| age(&path));
    bed.seeded("1.tgz");
    assert!(stale.iter().all(|path| !path.exists()) && !pack.join("tmp_idx_q1w2e3").exists());
    assert!(live.iter().all(|path| path.join("pack/tmp_pack_q1w2e3").exists()));
    assert_eq!(packs(), before);
    bed.is_intact();
}

#[test]
fn half_of_a_repository_is_nobodys_commit() {
    let bed = Bed::up();
    let half = bed.repository().join("../.new-q1w2e3");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("HEAD"), "").unwrap();
    bed.platform.xtask(["down", "-q"]).run().exits(0);
    assert!(!half.exists());
}

#[test]
fn nobody_else_may_touch_it_whatever_the_umask_is() {
    let bed = Bed::new();
    let release = bed.release("1", &[("README.md", "one\n")]);
    bed.seed(&release).after("umask 000").run().exits(0);
    let clone = tempfile::tempdir().unwrap();
    succeeded(&run_git(clone.path(), &["clone", "-q", bed.repository().to_str().unwrap(), "."]));
    bed.person_commits("README.md", "two\n");
    for (path, (mode, ..)) in files::below(&bed.platform.state("repositories")) {
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}
