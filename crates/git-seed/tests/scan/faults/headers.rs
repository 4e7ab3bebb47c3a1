//! Headers that are damaged, or that two readers would read in two ways.

use git_seed::{Fault, Refusal};

use crate::support::tar::{Member, archive, file, folder, long, pax, with_checksum};
use crate::support::{fault, refusal, scanned};

#[track_caller]
fn refused(members: &[Member]) -> String {
    match fault(&archive(members)) {
        Fault::Header { place, why, .. } => format!("{place}: {why}"),
        other => panic!("{other:?}"),
    }
}

/// An archive of a good file, and of a header that was changed.
fn changed(change: impl FnOnce(&mut Vec<u8>), is_sound: bool) -> Vec<u8> {
    let good = file("top/a", "x").bytes();
    let mut bad = file("top/b", "").bytes();
    change(&mut bad);
    let bad = if is_sound { with_checksum(bad) } else { bad };
    [good, bad, vec![0; 1024]].concat()
}

#[test]
fn with_a_wrong_checksum() {
    let error = fault(&changed(|header| header[0] ^= 1, false));
    assert!(matches!(&error, Fault::Header { place, .. } if place == "after `top/a`"), "{error}");
    assert!(error.to_string().contains("checksum"), "{error}");
    let error = fault(&changed(|header| header[148..156].copy_from_slice(b"\x1b[2J'`x\0"), false));
    assert!(matches!(&error, Fault::Header { .. }) && !error.to_string().contains('\x1b'), "{error}");
}

#[test]
fn of_an_unknown_format() {
    for magic in [*b"ustar\x0001", *b"ustar  X", *b"USTAR\x0000", *b"tar\0\0\0\0\0"] {
        let why = refused(&[file("top/a", "x"), file("top/b", "x").magic(magic)]);
        assert!(why.contains("format"), "{why}");
    }
}

#[test]
fn with_a_size_that_is_none() {
    for size in [
        &b"+0000000001"[..],
        b"-1",
        b"0x1",
        b"9",
        b"\x81\0\0\0\0\0\0\0\0\0\0\x01",
        b"\x80\0\0\x01\0\0\0\0\0\0\0\x01",
    ] {
        let why = refused(&[file("top/a", "x"), file("top/b", "x").size(size)]);
        assert!(why.contains("size"), "{}: {why}", size.escape_ascii());
    }
    let binary = file("top/a", "x").size(b"\x80\0\0\0\0\0\0\0\0\0\0\x01");
    assert_eq!(scanned(&archive(&[binary])).unwrap().bytes, 1);
}

#[test]
fn with_other_fields_that_are_none() {
    for (at, field) in [(100, "mode"), (136, "mtime")] {
        let error = fault(&changed(|header| header[at] = b'x', true));
        assert!(error.to_string().contains(field), "{error}");
    }
}

#[test]
fn that_hide_bytes_behind_a_nul() {
    for at in [20, 99, 170, 256, 360] {
        let error = fault(&changed(|header| header[at] = b'x', true));
        assert!(error.to_string().contains("NUL"), "{at}: {error}");
    }
}

#[test]
fn that_disagree_about_the_size() {
    for size in ["0", "2", "1024"] {
        let members = [pax(b'x', &[("size", size.as_bytes())]), file("top/a", "x")];
        assert_eq!(refusal(&archive(&members)).1, Refusal::Ambiguous("size"), "{size}");
    }
    let members = [pax(b'x', &[("size", b"1")]), file("top/a", "x")];
    assert!(scanned(&archive(&members)).is_ok());
}

#[test]
fn that_name_an_entry_twice() {
    for members in [
        [long(b'L', "top/a"), long(b'L', "top/b"), file("top/c", "x")],
        [long(b'L', "top/a"), pax(b'x', &[("path", b"top/b")]), file("top/c", "x")],
        [pax(b'x', &[("path", b"top/b")]), pax(b'x', &[("path", b"top/b")]), file("top/c", "x")],
        [long(b'K', "a"), pax(b'x', &[("linkpath", b"b")]), file("top/c", "x")],
        [folder("top/"), pax(b'x', &[("path", b"top/a"), ("path", b"top/b")]), file("top/c", "x")],
    ] {
        assert!(refused(&members).contains("disagree"), "{members:?}");
    }
}

#[test]
fn that_describe_an_entry_which_does_not_come() {
    for last in [long(b'L', "top/b"), pax(b'x', &[("path", b"top/b")])] {
        let error = fault(&archive(&[file("top/a", "x"), last]));
        assert!(matches!(error, Fault::Truncated { .. }), "{error}");
    }
}

#[test]
fn that_describe_all_entries() {
    for records in
        [("path", b"top/x"), ("linkpath", b"top/x"), ("size", b"00001"), ("GNU.sparse.major", b"00001")]
    {
        let why = refused(&[pax(b'g', &[(records.0, records.1)]), file("top/a", "x")]);
        assert!(why.contains("all entries"), "{why}");
    }
    let comment = pax(b'g', &[("comment", b"0123456789012345678901234567890123456789")]);
    assert!(scanned(&archive(&[comment, file("top/a", "x")])).is_ok(), "`git archive` says its commit so");
}

#[test]
fn that_describe_at_length() {
    let why = refused(&[long(b'L', vec![b'a'; 2 << 20]), file("top/a", "x")]);
    assert!(why.contains("length"), "{why}");
    let why = refused(&[Member::new(b'x', "pax").content("12 path"), file("top/a", "x")]);
    assert!(why.contains("pax records"), "{why}");
}
