//! The second pass, and what happens between the two.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io;

use git_seed::{ArchiveFile, Fault, ObjectId, Origin, Phase, Progress, Release, Rules, Silent, blobs, scan};
use tempfile::TempDir;

use crate::support::tar::{archive, file, folder, hard_link, link};
use crate::support::{Memory, gzip, zstd};

fn members() -> Vec<u8> {
    archive(&[
        folder("top/"),
        file("top/a", "same"),
        file("top/b", "other"),
        file("top/c", "same"),
        hard_link("top/d", "top/b"),
        link("top/l", "same"),
        file("top/empty", ""),
        file("top/large", vec![b'x'; 300_000]),
    ])
}

fn all(_: &ObjectId) -> bool {
    true
}

/// Which file was shown with which content.
fn shown(
    origin: &Origin,
    release: &Release,
    wanted: &dyn Fn(&ObjectId) -> bool,
) -> Result<BTreeMap<String, Vec<u8>>, Fault> {
    let mut shown = BTreeMap::new();
    blobs(origin, release, wanted, &Silent, &mut |file, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        assert_eq!(bytes.len() as u64, file.size);
        assert!(shown.insert(file.path.clone(), bytes).is_none());
        Ok(())
    })?;
    Ok(shown)
}

#[test]
fn each_wanted_blob_is_shown_once_at_its_first_file() {
    for bytes in [members(), gzip(&members()), zstd(&members())] {
        let origin = Memory::new(bytes).origin();
        let release = scan(&origin, &Rules::default(), &Silent).unwrap();
        let seen = shown(&origin, &release, &all).unwrap();
        // The link's target is the same blob as the content of a.
        assert_eq!(seen.keys().collect::<Vec<_>>(), ["a", "b", "empty", "large"]);
        assert_eq!(seen["b"], b"other");
        let b = release.files[1].id;
        assert_eq!(shown(&origin, &release, &|id| *id == b).unwrap().keys().collect::<Vec<_>>(), ["b"]);
        assert!(shown(&origin, &release, &|_| false).unwrap().is_empty());
    }
}

#[test]
fn nobody_has_to_read_what_is_shown() {
    let origin = Memory::new(gzip(&members())).origin();
    let release = scan(&origin, &Rules::default(), &Silent).unwrap();
    let mut count = 0;
    blobs(&origin, &release, &all, &Silent, &mut |_, content| {
        count += 1;
        content.read(&mut [0; 3]).map(drop)
    })
    .unwrap();
    assert_eq!(count, 4);
}

#[test]
fn an_error_of_who_is_shown_comes_back() {
    let origin = Memory::new(gzip(&members())).origin();
    let release = scan(&origin, &Rules::default(), &Silent).unwrap();
    let fault = blobs(&origin, &release, &all, &Silent, &mut |_, _| Err(io::ErrorKind::BrokenPipe.into()));
    assert!(matches!(fault, Err(Fault::Visit { source }) if source.kind() == io::ErrorKind::BrokenPipe));
}

#[test]
fn any_change_between_the_passes_is_found() {
    let tar = members();
    let at = |text: &[u8]| tar.windows(text.len()).position(|window| window == text).unwrap();
    let mut content = tar.clone();
    content[at(b"other")] = b'O';
    let mut padding = tar.clone();
    padding[at(b"other") + 5] = b'x';
    let more = archive(&[file("top/a", "same"), file("top/more", "x")]);
    for changed in [
        content,
        padding,
        more,
        tar[..tar.len() / 2].to_vec(),
        [&tar[..], &[0; 512]].concat(),
        Vec::new(),
        b"no archive any more".to_vec(),
        gzip(&tar),
    ] {
        for wanted in [true, false] {
            let memory = Memory::new(tar.clone());
            let origin = memory.origin();
            let release = scan(&origin, &Rules::default(), &Silent).unwrap();
            memory.0.lock().unwrap().clone_from(&changed);
            let fault = shown(&origin, &release, &|_| wanted).unwrap_err();
            assert!(matches!(fault, Fault::Changed { .. }), "{fault}");
        }
    }
}

#[test]
fn a_file_that_is_replaced_by_another_does_not_disturb() {
    let folder = TempDir::new().unwrap();
    let (path, other) = (folder.path().join("release.tgz"), folder.path().join("other"));
    fs::write(&path, gzip(&members())).unwrap();
    fs::write(&other, "something else").unwrap();
    let origin = Origin::Archive(Box::new(ArchiveFile::open(&path).unwrap()));
    let release = scan(&origin, &Rules::default(), &Silent).unwrap();
    fs::rename(&other, &path).unwrap();
    assert_eq!(shown(&origin, &release, &all).unwrap().len(), 4);
    fs::remove_file(&path).unwrap();
    assert_eq!(scan(&origin, &Rules::default(), &Silent).unwrap(), release);
}

#[test]
fn a_file_that_is_changed_in_place_is_found() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("release.tar");
    fs::write(&path, members()).unwrap();
    let origin = Origin::Archive(Box::new(ArchiveFile::open(&path).unwrap()));
    let release = scan(&origin, &Rules::default(), &Silent).unwrap();
    let changed = String::from_utf8_lossy(&members()).replace("other", "Other");
    fs::write(&path, changed).unwrap();
    let fault = shown(&origin, &release, &|_| false).unwrap_err();
    assert!(matches!(&fault, Fault::Changed { name } if name.ends_with("release.tar")), "{fault}");
}

/// Notes what it is told, and gives up when it has been told enough.
struct Told {
    last: std::sync::Mutex<Option<(Phase, u64, Option<u64>)>>,
    enough: u64,
}

impl Progress for Told {
    fn at(&self, phase: Phase, done: u64, total: Option<u64>) {
        *self.last.lock().unwrap() = Some((phase, done, total));
    }

    fn is_cancelled(&self) -> bool {
        self.last.lock().unwrap().is_some_and(|(_, done, _)| done > self.enough)
    }
}

#[test]
fn progress_is_told_in_bytes_of_the_archive() {
    let bytes = gzip(&members());
    let length = bytes.len() as u64;
    let origin = Memory::new(bytes).origin();
    let told = Told { last: None.into(), enough: u64::MAX };
    let release = scan(&origin, &Rules::default(), &told).unwrap();
    assert_eq!(*told.last.lock().unwrap(), Some((Phase::Scan, length, Some(length))));
    blobs(&origin, &release, &all, &told, &mut |_, _| Ok(())).unwrap();
    assert_eq!(*told.last.lock().unwrap(), Some((Phase::Send, length, Some(length))));
}

#[test]
fn the_second_pass_can_be_given_up() {
    let origin = Memory::new(members()).origin();
    let release = scan(&origin, &Rules::default(), &Silent).unwrap();
    let seen = Cell::new(0);
    let told = Told { last: None.into(), enough: 0 };
    let fault = blobs(&origin, &release, &all, &told, &mut |_, content| {
        seen.set(seen.get() + 1);
        io::copy(content, &mut io::sink()).map(drop)
    });
    assert!(matches!(fault, Err(Fault::Interrupted { .. })), "{fault:?}");
    assert!(seen.get() < 4);
}
