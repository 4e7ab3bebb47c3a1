//! Entries that Git cannot hold.

use git_seed::{Limits, Mode, Refusal};

use crate::support::tar::{Member, archive, file, folder, pax};
use crate::support::{refusal, scanned, scanned_with};

#[test]
fn devices_pipes_sparse_and_unknown() {
    for (kind, noun) in [
        (b'3', "a character device"),
        (b'4', "a block device"),
        (b'6', "a named pipe"),
        (b'S', "a sparse file"),
        (b'7', "of the unknown type `7`"),
        (b'V', "of the unknown type `V`"),
        (b'M', "of the unknown type `M`"),
        (b'D', "of the unknown type `D`"),
        (b'X', "of the unknown type `X`"),
        (b'\n', "of the unknown type `\\n`"),
    ] {
        let (entry, why) = refusal(&archive(&[file("top/a", "x"), Member::new(kind, "top/dev")]));
        assert_eq!((entry.as_str(), why), ("top/dev", Refusal::Kind(noun.to_owned())));
    }
}

#[test]
fn sparse_by_records() {
    for key in ["GNU.sparse.major", "GNU.sparse.map", "GNU.sparse.name", "GNU.sparse.realsize"] {
        let members = [pax(b'x', &[(key, b"1")]), file("top/a", "x")];
        assert_eq!(refusal(&archive(&members)).1, Refusal::Kind("a sparse file".to_owned()), "{key}");
    }
}

#[test]
fn content_of_what_is_no_file() {
    for kind in [b'1', b'2', b'5'] {
        let member = Member::new(kind, "top/x").target("top/a").content("content");
        assert_eq!(refusal(&archive(&[file("top/a", "x"), member])).1, Refusal::Content);
    }
    let member = file("top/x/", "content");
    assert_eq!(refusal(&archive(&[member])).1, Refusal::Content);
}

#[test]
fn odd_modes_become_one_of_two() {
    for (mode, expected) in [
        (0o644, Mode::Plain),
        (0o600, Mode::Plain),
        (0o666, Mode::Plain),
        (0o000, Mode::Plain),
        (0o6644, Mode::Plain),
        (0o011, Mode::Plain),
        (0o755, Mode::Executable),
        (0o700, Mode::Executable),
        (0o4777, Mode::Executable),
        (0o100_755, Mode::Executable),
        (0o100, Mode::Executable),
    ] {
        let release = scanned(&archive(&[file("top/a", "x").mode(mode)])).unwrap();
        assert_eq!(release.files[0].mode, expected, "{mode:o}");
    }
}

#[test]
fn old_archives_have_folders_with_a_slash() {
    let old = |member: Member| member.magic([0; 8]);
    let mut plain = old(file("top/a", "x"));
    plain.kind = 0;
    let mut slash = old(file("top/d/", ""));
    slash.kind = 0;
    let release = scanned(&archive(&[old(folder("top/")), slash, plain])).unwrap();
    assert_eq!(release.files.len(), 1);
}

#[test]
fn files_that_are_too_large() {
    let limits = Limits { file: 3, ..Limits::default() };
    let bytes = archive(&[file("top/a", "123"), file("top/b", "1234")]);
    let error = scanned_with(&bytes, limits).unwrap_err().to_string();
    assert!(error.contains("`top/b`") && error.contains("4 bytes"), "{error}");
}
