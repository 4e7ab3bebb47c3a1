//! Whatever is done to an archive, it is answered: taken, or refused with a
//! message that is fit to be shown.

use git_seed::{Limits, Rules, Silent, blobs, scan, trees};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::support::tar::{Member, archive, file, folder, hard_link, link, long, pax, with_checksum};
use crate::support::{Memory, gzip, zstd};

fn members() -> Vec<Member> {
    vec![
        pax(b'g', &[("comment", b"0123456789012345678901234567890123456789")]),
        folder("top/"),
        file("top/VERSION", "3.1.0\n"),
        file("top/a", "content of a").mode(0o755),
        long(b'L', format!("top/{}", "long/".repeat(30) + "name")),
        file("short", vec![b'x'; 1000]),
        pax(b'x', &[("path", b"top/b/c"), ("mtime", b"1700000000.5"), ("size", b"4")]),
        file("short", "1234"),
        link("top/l", "b/c"),
        hard_link("top/h", "top/a"),
    ]
}

/// One change of bytes.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Copy(Index, Index, usize),
    Cut(Index),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
}

fn change() -> impl Strategy<Value = Change> {
    let byte = prop_oneof![any::<u8>(), select(b"\0/.:\\ 0157xgLKS\x80\xff".to_vec())];
    prop_oneof![
        6 => (any::<Index>(), byte).prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (any::<Index>(), any::<Index>(), 1..600_usize).prop_map(|(from, to, n)| Change::Copy(from, to, n)),
        1 => any::<Index>().prop_map(Change::Cut),
        1 => (any::<Index>(), 1..600_usize).prop_map(|(at, n)| Change::Remove(at, n)),
        1 => (any::<Index>(), vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
    ]
}

fn apply(bytes: &mut Vec<u8>, changes: &[Change]) {
    for change in changes {
        if !bytes.is_empty() {
            apply_one(bytes, change);
        }
    }
}

fn apply_one(bytes: &mut Vec<u8>, change: &Change) {
    let length = bytes.len();
    let end = |at: usize, n: usize| length.min(at + n);
    match change {
        Change::Set(at, byte) => bytes[at.index(length)] = *byte,
        Change::Copy(from, to, n) => {
            let (from, to) = (from.index(length), to.index(length));
            let n = (end(from, *n) - from).min(end(to, *n) - to);
            bytes.copy_within(from..from + n, to);
        }
        Change::Cut(at) => bytes.truncate(at.index(length)),
        Change::Remove(at, n) => drop(bytes.drain(at.index(length)..end(at.index(length), *n))),
        Change::Insert(at, more) => {
            drop(bytes.splice(at.index(length)..at.index(length), more.iter().copied()));
        }
    }
}

/// Makes all checksums right again, so that changes of headers are looked at.
fn mend(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
        block.copy_from_slice(&with_checksum(block.to_vec()));
    }
}

fn is_answered(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let limits = Limits { total: 1 << 20, ..Limits::default() };
    let origin = Memory::new(bytes).origin();
    match scan(&origin, &Rules { limits, strict: false }, &Silent) {
        Ok(release) => {
            prop_assert_eq!(trees(&release).last().map(|(id, _)| id), Some(release.tree));
            let read = blobs(&origin, &release, &|_| true, &Silent, &mut |_, _| Ok(()));
            prop_assert!(read.is_ok(), "{read:?}");
        }
        Err(fault) => {
            let text = format!("{fault} {}", fault.help());
            prop_assert!(text.chars().count() < 1000 && !text.contains(char::is_control), "{}", text);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn of_a_tar_archive(changes in vec(change(), 1..6), is_mended in any::<bool>()) {
        let mut bytes = archive(&members());
        apply(&mut bytes, &changes);
        if is_mended {
            mend(&mut bytes);
        }
        is_answered(bytes)?;
    }

    #[test]
    fn of_what_is_compressed(changes in vec(change(), 1..6), is_zstd in any::<bool>()) {
        let mut bytes = if is_zstd { zstd(&archive(&members())) } else { gzip(&archive(&members())) };
        apply(&mut bytes, &changes);
        is_answered(bytes)?;
    }

    #[test]
    fn of_what_is_compressed_then(changes in vec(change(), 1..6), is_zstd in any::<bool>()) {
        let mut bytes = archive(&members());
        apply(&mut bytes, &changes);
        mend(&mut bytes);
        is_answered(if is_zstd { zstd(&bytes) } else { gzip(&bytes) })?;
    }

    #[test]
    fn of_bytes_without_sense(bytes in vec(any::<u8>(), 0..2000), magic in select(vec![&b""[..], b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd"])) {
        is_answered([magic, &bytes].concat())?;
    }
}
