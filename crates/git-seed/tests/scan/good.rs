//! Good archives, however they are made.

use std::fs;
use std::process::Command;

use git_seed::{Mode, Release};

use crate::support::git::Git;
use crate::support::tar::{archive, file, folder, link, long, pax};
use crate::support::{gzip, scanned, sha256, zstd};

/// A repository with files of each mode, names in an order that is easily got
/// wrong, and paths that need each of tar's ways to say a long one.
fn repository() -> Git {
    let git = Git::new();
    for (path, content) in [
        ("a/b", "one"),
        ("a.txt", "two"),
        ("a-b/c", "three"),
        ("a0", "four"),
        ("VERSION", "3.1.0\n"),
        ("COMMIT_ID", "0123456789abcdef\n"),
        ("empty", ""),
        ("schön/日本.txt", "five"),
    ] {
        git.write(path, content);
    }
    git.write(&format!("{}/{}", "d".repeat(90), "f".repeat(60)), "six");
    git.write(&format!("long/{}", "g".repeat(180)), "seven");
    git.executable("run.sh", "#!/bin/sh\n");
    std::os::unix::fs::symlink("a/b", git.path().join("link")).unwrap();
    std::os::unix::fs::symlink("x/".repeat(80), git.path().join("far")).unwrap();
    git
}

#[track_caller]
fn same(release: &Release, git: &Git) {
    assert_eq!(release.tree.to_string(), git.tree());
    assert_eq!(release.top.as_deref(), Some("top"));
    assert_eq!(release.version.as_deref(), Some("3.1.0"));
    assert_eq!(release.commit_id.as_deref(), Some("0123456789abcdef"));
    assert_eq!(release.warnings, [""; 0]);
}

#[test]
fn of_git_archive() {
    let git = repository();
    git.commit();
    for format in ["tar", "tar.gz"] {
        let out = git.path().join(".git/release");
        let out = out.to_str().unwrap();
        git.run(&["archive", "--prefix=top/", &format!("--format={format}"), "-o", out, "HEAD"]);
        let release = scanned(&fs::read(out).unwrap()).unwrap();
        same(&release, &git);
        assert_eq!(release.date, 1_700_000_000, "of the commit");
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "this test starts tar")]
fn of_gnu_tar_in_each_format() {
    let git = repository();
    for format in ["gnu", "oldgnu", "pax", "posix"] {
        let output = Command::new("tar")
            .args(["--create", "--exclude=.git", "--transform=flags=r;s,^[.],top,", "--format", format, "."])
            .current_dir(git.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for bytes in [output.stdout.clone(), gzip(&output.stdout), zstd(&output.stdout)] {
            same(&scanned(&bytes).unwrap(), &git);
        }
    }
}

#[test]
fn of_several_members_and_frames() {
    let tar = archive(&[folder("./"), folder("./top/"), file("./top/a", vec![b'x'; 70_000])]);
    let tree = scanned(&tar).unwrap().tree;
    let pieces = || tar.chunks(999).chain([&[][..]]);
    let members: Vec<u8> = pieces().flat_map(gzip).collect();
    assert_eq!(scanned(&members).unwrap().tree, tree);
    let frames: Vec<u8> = pieces().flat_map(zstd).collect();
    assert_eq!(scanned(&frames).unwrap().tree, tree);
    let skipped = b"\x5e\x2a\x4d\x18\x03\0\0\0abc";
    assert_eq!(scanned(&[skipped, &frames[..], skipped].concat()).unwrap().tree, tree);
}

#[test]
fn digest_is_of_the_archive_as_it_lies_there() {
    let tar = archive(&[file("top/a", "x")]);
    for bytes in [gzip(&tar), zstd(&tar), [tar.clone(), vec![0; 9216]].concat()] {
        assert_eq!(scanned(&bytes).unwrap().digest, sha256(&bytes));
    }
}

#[test]
fn date_is_the_newest_of_a_file_within_reason() {
    let date = |times: &[u64]| {
        let files = times.iter().enumerate().map(|(at, time)| file(format!("top/{at}"), "x").time(*time));
        scanned(&archive(&[vec![folder("top/").time(9_000_000)], files.collect()].concat())).unwrap().date
    };
    assert_eq!(date(&[5, 7, 6]), 7);
    assert_eq!(date(&[0]), 0);
    assert_eq!(date(&[0o77_777_777_777]), 4_102_444_799);
    let by_record = |time: &str| {
        let record = pax(b'x', &[("mtime", time.as_bytes())]);
        scanned(&archive(&[record, file("top/a", "x")])).unwrap().date
    };
    assert_eq!(by_record("1234567890.987654321"), 1_234_567_890);
    assert_eq!(by_record("-5.5"), 0);
    assert_eq!(by_record("9000000000000"), 4_102_444_799);
    let mut negative = file("top/a", "x").bytes();
    negative[136..148].fill(0xff);
    let negative = [crate::support::tar::with_checksum(negative), vec![0; 1024]].concat();
    assert_eq!(scanned(&negative).unwrap().date, 0);
}

#[test]
fn empty_folders_are_left_out() {
    let with = scanned(&archive(&[folder("top/empty/"), file("top/a", "x")])).unwrap();
    let without = scanned(&archive(&[file("top/a", "x")])).unwrap();
    assert_eq!(with.tree, without.tree);
}

#[test]
fn what_a_release_says_of_itself_is_read_at_its_root_only() {
    let release = scanned(&archive(&[file("top/a/VERSION", "1"), link("top/VERSION", "a/VERSION")])).unwrap();
    assert_eq!(release.version, None);
    let release =
        scanned(&archive(&[file("top/VERSION", "\x1b[31m\n"), file("top/COMMIT_ID", "a")])).unwrap();
    assert_eq!((release.version, release.commit_id.as_deref()), (None, Some("a")));
    assert_eq!(release.warnings.len(), 1);
    assert!(release.warnings[0].starts_with("`top/VERSION`"), "{:?}", release.warnings);
}

#[test]
fn long_names_are_those_of_the_headers_before() {
    let name = format!("top/{}/{}", "é".repeat(60), "ß".repeat(60));
    let target = format!("../{}", "y".repeat(200));
    let gnu = [long(b'L', &name), long(b'K', &target), link("short", "short")];
    let records =
        [pax(b'x', &[("path", name.as_bytes()), ("linkpath", target.as_bytes())]), link("short", "short")];
    for members in [&gnu[..], &records] {
        let release = scanned(&archive(members)).unwrap();
        assert_eq!(release.files[0].path, name["top/".len()..]);
        assert_eq!((release.files[0].mode, release.files[0].size), (Mode::Link, 203));
    }
}
