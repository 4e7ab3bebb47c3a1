//! Releases in folders.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use git_seed::{Fault, Limits, Origin, Phase, Progress, Refusal, Release, Rule, Rules, Silent, blobs, scan};

use crate::support::git::Git;
use crate::support::tar::{archive, file, link};
use crate::support::{scanned, sha256};

fn scanned_folder(path: &Path) -> Result<Release, Fault> {
    scan(&Origin::Folder(path.to_owned()), &Rules::default(), &Silent)
}

#[track_caller]
fn refused(path: &Path) -> (String, Refusal) {
    match scanned_folder(path) {
        Err(Fault::Entry { entry, refusal }) => (entry, refusal),
        other => panic!("{other:?}"),
    }
}

fn sample() -> Git {
    let git = Git::new();
    git.write("a/b", "one");
    git.write("a.txt", "two");
    git.write("VERSION", "3.1.0");
    git.executable("run", "three");
    symlink("a/b", git.path().join("link")).unwrap();
    fs::create_dir(git.path().join("none")).unwrap();
    git
}

#[test]
fn have_the_tree_of_git_and_of_an_archive_of_them() {
    let git = sample();
    let release = scanned_folder(git.path()).unwrap();
    assert_eq!(release.tree.to_string(), git.tree());
    assert_eq!((release.version.as_deref(), release.top.as_deref()), (Some("3.1.0"), None));
    let members = [
        file("top/run", "three").mode(0o755),
        file("top/a.txt", "two"),
        link("top/link", "a/b"),
        file("top/VERSION", "3.1.0"),
        file("top/a/b", "one"),
    ];
    assert_eq!(scanned(&archive(&members)).unwrap().tree, release.tree);
}

#[test]
fn digest_is_of_what_git_lists() {
    let git = sample();
    let release = scanned_folder(git.path()).unwrap();
    let listed = git.run(&["ls-tree", "-r", "-z", &git.tree()]);
    assert_eq!(release.digest, sha256(listed.as_bytes()));
}

#[test]
fn date_is_the_newest_of_a_file() {
    let git = Git::new();
    for (name, seconds) in [("a", 5_000), ("b", 7_000), ("c", 6_000)] {
        git.write(name, "x");
        let file = fs::File::options().write(true).open(git.path().join(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }
    assert_eq!(scanned_folder(git.path()).unwrap().date, 7_000);
}

#[test]
fn dot_git_is_left_out_at_the_top_alone() {
    let git = sample();
    let tree = scanned_folder(git.path()).unwrap().tree;
    fs::remove_dir_all(git.path().join(".git")).unwrap();
    fs::write(git.path().join(".git"), "gitdir: elsewhere").unwrap();
    assert_eq!(scanned_folder(git.path()).unwrap().tree, tree);
    fs::write(git.path().join("a/.git"), "gitdir: elsewhere").unwrap();
    assert_eq!(refused(git.path()), ("a/.git".to_owned(), Refusal::Path(Rule::DotGit)));
}

#[test]
fn keep_to_the_rules_of_archives() {
    let git = sample();
    let socket = UnixListener::bind(git.path().join("a/socket")).unwrap();
    assert_eq!(refused(git.path()), ("a/socket".to_owned(), Refusal::Kind("a socket".to_owned())));
    drop(socket);
    fs::remove_file(git.path().join("a/socket")).unwrap();
    for (target, is_refused) in
        [("../..", true), ("/etc", true), ("none/../../../x", true), ("../link", false)]
    {
        symlink(target, git.path().join("a/out")).unwrap();
        assert_eq!(scanned_folder(git.path()).is_err(), is_refused, "{target}");
        fs::remove_file(git.path().join("a/out")).unwrap();
    }
    let odd = git.path().join(OsStr::from_bytes(b"a\xff"));
    fs::write(&odd, "x").unwrap();
    assert_eq!(refused(git.path()), ("a\\xff".to_owned(), Refusal::Path(Rule::Encoding)));
    fs::remove_file(odd).unwrap();
    for limits in [
        Limits { total: 10, ..Limits::default() },
        Limits { entries: 7, ..Limits::default() },
        Limits { file: 4, ..Limits::default() },
        Limits { depth: 0, ..Limits::default() },
        Limits { path: 4, ..Limits::default() },
    ] {
        let rules = Rules { limits, ..Rules::default() };
        let origin = Origin::Folder(git.path().to_owned());
        assert!(scan(&origin, &rules, &Silent).is_err(), "{limits:?}");
    }
}

#[test]
fn that_are_none() {
    let git = Git::new();
    assert!(matches!(scanned_folder(git.path()), Err(Fault::Empty { .. })));
    git.write("file", "x");
    for path in ["file", "absent"] {
        let fault = scanned_folder(&git.path().join(path)).unwrap_err();
        assert!(matches!(&fault, Fault::Read { name, .. } if name.ends_with(path)), "{fault}");
    }
}

#[test]
fn their_content_is_shown() {
    let git = sample();
    let origin = Origin::Folder(git.path().to_owned());
    let release = scan(&origin, &Rules::default(), &Silent).unwrap();
    let mut seen = Vec::new();
    blobs(&origin, &release, &|_| true, &Silent, &mut |file, content| {
        seen.push(format!("{}={}", file.path, io::read_to_string(content)?));
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, ["VERSION=3.1.0", "a/b=one", "a.txt=two", "link=a/b", "run=three"]);
}

#[test]
fn any_change_between_the_passes_is_found() {
    let changes: [fn(&Path); 7] = [
        |root| fs::write(root.join("a/b"), "ONE").unwrap(),
        |root| fs::write(root.join("a/b"), "more").unwrap(),
        |root| fs::write(root.join("a/b"), "").unwrap(),
        |root| fs::remove_file(root.join("a/b")).unwrap(),
        |root| fs::remove_dir_all(root.join("a")).unwrap(),
        |root| {
            fs::remove_file(root.join("a/b")).unwrap();
            symlink("one", root.join("a/b")).unwrap();
        },
        |root| {
            fs::remove_file(root.join("link")).unwrap();
            symlink("A/b", root.join("link")).unwrap();
        },
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let git = sample();
        let origin = Origin::Folder(git.path().to_owned());
        let release = scan(&origin, &Rules::default(), &Silent).unwrap();
        change(git.path());
        let fault = blobs(&origin, &release, &|_| true, &Silent, &mut |_, content| {
            io::copy(content, &mut io::sink()).map(drop)
        });
        assert!(matches!(fault, Err(Fault::Changed { .. })), "change {at}: {fault:?}");
    }
}

/// Changes a file while it is read.
struct Meddler(PathBuf);

impl Progress for Meddler {
    fn at(&self, _: Phase, done: u64, _: Option<u64>) {
        if done > 0 && self.0.exists() {
            let mut file = fs::File::options().append(true).open(&self.0).unwrap();
            io::copy(&mut io::repeat(b'x').take(9), &mut file).unwrap();
        }
    }
}

#[test]
fn a_change_while_a_file_is_read_is_found() {
    let git = Git::new();
    git.write("large", &"x".repeat(300_000));
    let origin = Origin::Folder(git.path().to_owned());
    let fault = scan(&origin, &Rules::default(), &Meddler(git.path().join("large"))).unwrap_err();
    assert!(matches!(&fault, Fault::Changed { name } if name == "large"), "{fault}");
}
