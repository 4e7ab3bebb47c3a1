//! What killed pushes leave, and who may look at what is there.

use std::fs::{self, File};
use std::mem::MaybeUninit;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

use crate::bed::{Bed, run_git, succeeded};
use crate::fixture::files;

/// Makes a folder as Git does for a push, with half of a pack.
fn half(path: &Path) {
    fs::create_dir_all(path.join("pack")).unwrap();
    fs::write(path.join("pack/tmp_pack_q1w2e3"), "half").unwrap();
}

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
    let (objects, owner) = (bed.repository().join("objects"), bed.repository().join(".."));
    let pack = objects.join("pack");
    let index = pack.join("tmp_idx_q1w2e3");
    let stale = ["tmp_objdir-incoming-q1w2e3", "incoming-q1w2e3"].map(|name| objects.join(name));
    let stale = stale.into_iter().chain([owner.join(".new-q1w2e3")]).collect::<Vec<_>>();
    let live = [objects.join("tmp_objdir-incoming-a1s2d3"), owner.join(".new-a1s2d3")];
    for path in stale.iter().chain(&live) {
        half(path);
        age(path);
    }
    fs::write(&index, "half").unwrap();
    // What Git has taken is no leftover, however old.
    age(&pack);
    for path in &live {
        File::open(path.join("pack/tmp_pack_q1w2e3")).unwrap().set_modified(SystemTime::now()).unwrap();
    }
    let packs = || files::below(&pack).into_keys().filter(|path| path.extension().is_some()).count();
    let before = packs();
    bed.seeded("1.tgz");
    assert!(stale.iter().all(|path| !path.exists()) && !index.exists());
    assert!(live.iter().all(|path| path.join("pack/tmp_pack_q1w2e3").exists()));
    assert_eq!(packs(), before);
    bed.is_intact();
}

/// A push that goes on after hours finds all of its objects, or none.
#[test]
fn a_leftover_is_gone_as_a_whole() {
    let bed = Bed::new();
    bed.seeded(&bed.release("1", &[("README.md", "one\n")]));
    let (objects, owner) = (bed.repository().join("objects"), bed.repository().join(".."));
    for (folder, name) in [(objects, "tmp_objdir-incoming-q1w2e3"), (owner, ".new-q1w2e3")] {
        let left = folder.join(name);
        half(&left);
        age(&left);
        let watch = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).unwrap();
        for folder in [&folder, &left.join("pack")] {
            inotify::add_watch(&watch, folder, WatchFlags::MOVED_FROM | WatchFlags::DELETE).unwrap();
        }
        bed.seeded("1.tgz");
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&watch, &mut buffer);
        let mut seen = Vec::new();
        while let Ok(event) = reader.next() {
            let what = event.events() & (ReadFlags::MOVED_FROM | ReadFlags::DELETE);
            let of = event.file_name().map(|of| of.to_str().unwrap().to_owned());
            seen.extend(of.filter(|of| of == name || of == "tmp_pack_q1w2e3").map(|of| (what, of)));
        }
        let moved = (ReadFlags::MOVED_FROM, name.to_owned());
        assert_eq!(seen, [moved, (ReadFlags::DELETE, "tmp_pack_q1w2e3".to_owned())]);
    }
}

#[test]
fn what_a_killed_call_was_about_to_remove_is_removed() {
    let bed = Bed::up();
    let (objects, owner) = (bed.repository().join("objects"), bed.repository().join(".."));
    let left = [objects.join("pack"), objects, owner].map(|folder| folder.join(".swept-tmp_q1w2e3"));
    for path in &left {
        half(path);
    }
    bed.seeded(&bed.release("1", &[("README.md", "one\n")]));
    assert!(left.iter().all(|path| !path.exists()));
    half(&left[2]);
    bed.platform.xtask(["down", "-q"]).run().exits(0);
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
