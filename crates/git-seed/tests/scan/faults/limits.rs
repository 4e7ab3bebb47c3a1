//! Archives that are too much: stopped early.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use git_seed::{Fault, Limits, Origin, Phase, Progress, Refusal, Rules, Silent, Source, scan};

use crate::support::tar::{Member, archive, file, folder, long};
use crate::support::{gzip, scanned, scanned_with};

#[track_caller]
fn beyond(members: &[Member], limits: Limits) -> &'static str {
    match scanned_with(&archive(members), limits) {
        Err(Fault::Limit { key, .. }) => key,
        other => panic!("{other:?}"),
    }
}

#[test]
fn of_all_files_and_entries() {
    let members = [folder("top/"), file("top/a", "12345"), file("top/b", "12345")];
    assert_eq!(beyond(&members, Limits { total: 9, ..Limits::default() }), "total");
    assert_eq!(beyond(&members, Limits { entries: 2, ..Limits::default() }), "entries");
    let exact = Limits { total: 10, entries: 3, file: 5, depth: 0, path: 5, ..Limits::default() };
    assert!(scanned_with(&archive(&members), exact).is_ok());
    let described: Vec<Member> =
        (0..50).flat_map(|at| [long(b'L', format!("top/{at}")), file("x", "")]).collect();
    assert_eq!(
        beyond(&described, Limits { entries: 99, ..Limits::default() }),
        "entries",
        "headers count, too"
    );
}

#[test]
fn of_paths() {
    let limits = Limits { depth: 2, path: 12, ..Limits::default() };
    let why = |path: &str| match scanned_with(&archive(&[file(path, "x")]), limits) {
        Err(Fault::Entry { refusal, .. }) => Some(refusal),
        other => other.ok().and(None),
    };
    assert_eq!(why("top/a/b/c"), None);
    assert_eq!(why("top/a/b/c/d"), Some(Refusal::Deep(2)));
    assert_eq!(why("top/12345678"), None);
    assert_eq!(why("top/123456789"), Some(Refusal::LongPath(12)));
    let folders = scanned_with(&archive(&[folder("top/a/b/c/d/")]), limits);
    assert!(matches!(folders, Err(Fault::Entry { refusal: Refusal::Deep(2), .. })));
}

#[test]
fn of_names_together() {
    let folders = "a".repeat(200) + "/";
    let names = (0..40_000).map(|at| long(b'L', format!("top/{}{at}", folders.repeat(5))));
    let members: Vec<Member> = names.flat_map(|name| [name, file("x", "")]).collect();
    assert_eq!(beyond(&members, Limits::default()), "names");
}

/// Gives an archive without end, and counts what was read of it.
struct Endless {
    head: Vec<u8>,
    read: &'static AtomicU64,
}

impl Source for Endless {
    fn name(&self) -> String {
        "endless".to_owned()
    }

    fn size(&self) -> Option<u64> {
        None
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let read = self.read;
        let count = move |bytes: &[u8]| read.fetch_add(bytes.len() as u64, Relaxed);
        Ok(Box::new(Counting { inner: io::Cursor::new(self.head.clone()).chain(io::repeat(0)), count }))
    }
}

struct Counting<R, F> {
    inner: R,
    count: F,
}

impl<R: Read, F: Fn(&[u8]) -> u64> Read for Counting<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        (self.count)(&buffer[..read]);
        Ok(read)
    }
}

#[test]
fn of_a_file_are_seen_before_it_is_read() {
    static READ: AtomicU64 = AtomicU64::new(0);
    let huge = file("top/huge", "").size("77777777777");
    let origin = Origin::Archive(Box::new(Endless { head: huge.bytes(), read: &READ }));
    let fault = scan(&origin, &Rules::default(), &Silent).unwrap_err();
    assert!(
        matches!(fault, Fault::Entry { refusal: Refusal::Large { size: 8_589_934_591, .. }, .. }),
        "{fault}"
    );
    assert!(READ.load(Relaxed) <= 1 << 20);
}

#[test]
fn of_a_bomb_are_seen_while_it_is_read() {
    let zeros = vec![0; 64 << 20];
    for bomb in [
        gzip(&archive(&[file("top/zeros", &zeros)])),
        gzip(&[archive(&[file("top/a", "x")]), zeros.clone()].concat()),
    ] {
        let fault = scanned(&bomb).unwrap_err();
        assert!(matches!(fault, Fault::Limit { key: "ratio", .. }), "{fault}");
        assert!(fault.to_string().contains("200 times"), "{fault}");
        let wide = Limits { ratio: 2000, ..Limits::default() };
        assert!(scanned_with(&bomb, wide).is_ok());
    }
    let small = gzip(&archive(&[file("top/zeros", vec![0; 900 << 10])]));
    assert!(scanned(&small).is_ok(), "a little may have any ratio");
}

/// Gives up at the so many-th question.
struct Patient {
    left: AtomicU64,
}

impl Progress for Patient {
    fn at(&self, _: Phase, _: u64, _: Option<u64>) {}

    fn is_cancelled(&self) -> bool {
        self.left.try_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err()
    }
}

#[test]
fn of_patience_end_an_endless_archive() {
    static READ: AtomicU64 = AtomicU64::new(0);
    let origin = Origin::Archive(Box::new(Endless { head: archive(&[file("top/a", "x")]), read: &READ }));
    for questions in [0, 1, 2, 3, 10, 100] {
        READ.store(0, Relaxed);
        let patient = Patient { left: AtomicU64::new(questions) };
        let fault = scan(&origin, &Rules::default(), &patient).unwrap_err();
        assert!(
            matches!(&fault, Fault::Interrupted { source, .. } if source.kind() == io::ErrorKind::Interrupted)
        );
        assert!(READ.load(Relaxed) <= questions * (64 << 10), "it asks each 64 KiB");
    }
}
