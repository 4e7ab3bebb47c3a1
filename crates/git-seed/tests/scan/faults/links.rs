//! Links that lead where they must not.

use git_seed::{Fault, Limits, Mode, Refusal, Rule};

use crate::support::tar::{Member, archive, file, folder, hard_link, link, long, pax};
use crate::support::{refusal, scanned, scanned_with};

#[track_caller]
fn refused(members: &[Member]) -> Refusal {
    refusal(&archive(members)).1
}

#[test]
fn out_of_the_tree() {
    for (path, target) in [
        ("top/l", ".."),
        ("top/l", "../x"),
        ("top/l", "../top/x"),
        ("top/l", "a/../../x"),
        ("top/a/b/l", "../../../x"),
        ("top/a/l", "./.././/../x"),
        ("top/l", "a/b/c/../../../../etc/passwd"),
    ] {
        assert!(matches!(refused(&[link(path, target)]), Refusal::LeavesTree(_)), "{path} -> {target}");
        let by_record = [pax(b'x', &[("linkpath", target.as_bytes())]), link(path, "x")];
        assert!(matches!(refused(&by_record), Refusal::LeavesTree(_)), "{path} -> {target}");
        let by_name = [long(b'K', target), link(path, "x")];
        assert!(matches!(refused(&by_name), Refusal::LeavesTree(_)), "{path} -> {target}");
    }
}

#[test]
fn out_of_the_tree_through_others() {
    // a/b/up leads to the root, and from there one step leads out.
    let up = link("top/a/b/up", "../..");
    for target in ["a/b/up/..", "a/b/up/../x", "a/b/up/a/b/up/.."] {
        assert!(matches!(refused(&[up.clone(), link("top/l", target)]), Refusal::LeavesTree(_)), "{target}");
        // In whatever order, and through two.
        assert!(matches!(refused(&[link("top/l", target), up.clone()]), Refusal::LeavesTree(_)), "{target}");
        let through = [link("top/l", "c/x"), link("top/c", target), up.clone()];
        assert!(matches!(refused(&through), Refusal::LeavesTree(_)), "{target}");
    }
    // A folder link that shortens the way: by the text alone it would stay inside.
    let deep = [link("top/short", "."), link("top/l", "short/short/../x")];
    assert!(matches!(refused(&deep), Refusal::LeavesTree(_)));
}

#[test]
fn to_absolute_paths() {
    for target in ["/etc/passwd", "/", "//host/x", "C:/x", "c:x", "\\x", "\\\\host\\x", "a\\..\\..\\x"] {
        assert!(matches!(refused(&[link("top/l", target)]), Refusal::AbsoluteTarget(_)), "{target}");
    }
}

#[test]
fn to_nothing_or_to_git() {
    assert_eq!(refused(&[link("top/l", "")]), Refusal::NoTarget);
    for target in [".git", ".git/config", "a/../.GIT/hooks", "git~1", ".g\u{200c}it/x", ".git /x"] {
        assert!(matches!(refused(&[link("top/l", target)]), Refusal::TargetsGit(_)), "{target}");
    }
    let nul = [pax(b'x', &[("linkpath", b"a\0/../../x")]), link("top/l", "x")];
    assert!(matches!(refused(&nul), Refusal::OddTarget(_)));
    assert_eq!(refused(&[link("top/l", b"\xff")]), Refusal::OddTarget("\\xff".to_owned()));
}

#[test]
fn in_circles() {
    assert!(matches!(refused(&[link("top/l", "l")]), Refusal::Circle(_)));
    assert!(matches!(refused(&[link("top/a", "b"), link("top/b", "a")]), Refusal::Circle(_)));
    assert!(matches!(refused(&[link("top/a", "b/x"), link("top/b", "a/y")]), Refusal::Circle(_)));
    // As many as Linux follows are no circle.
    let chain = |length: usize| -> Vec<Member> {
        (0..length).map(|at| link(format!("top/{at}"), format!("{}", at + 1))).collect()
    };
    assert!(scanned(&archive(&chain(40))).is_ok());
    assert!(matches!(refused(&chain(41)), Refusal::Circle(_)));
}

#[test]
fn in_place_of_files_that_git_reads() {
    for (name, git) in [
        (".gitmodules", ".gitmodules"),
        (".GitModules", ".gitmodules"),
        ("a/.gitmodules", ".gitmodules"),
        ("gitmod~1", ".gitmodules"),
        (".gitattributes", ".gitattributes"),
        (".git\u{200c}attributes", ".gitattributes"),
        ("GI7D29~1", ".gitattributes"),
        (".gitignore", ".gitignore"),
        (".GITIGNORE", ".gitignore"),
        (".mailmap", ".mailmap"),
        ("mailma~2", ".mailmap"),
    ] {
        assert_eq!(refused(&[link(format!("top/{name}"), "x")]), Refusal::SpecialLink(git), "{name}");
        assert!(scanned(&archive(&[file(format!("top/{name}"), "x")])).is_ok(), "{name}");
    }
}

#[test]
fn that_stay_in_the_tree_are_taken() {
    let release = scanned(&archive(&[
        file("top/a/b/file", "x"),
        link("top/a/up", ".."),
        link("top/to", "a/up/a/b/./file"),
        link("top/folder", "a/"),
        link("top/a/b/back", "../../folder/b/file"),
        link("top/dangling", "not/there/../yet"),
    ]))
    .unwrap();
    let link = release.files.iter().find(|file| file.path == "folder").unwrap();
    assert_eq!((link.mode, link.size), (Mode::Link, 2));
}

#[test]
fn hard_ones_to_files_seen_before_are_the_same_file() {
    let release = scanned(&archive(&[
        file("top/a", "content").mode(0o755),
        hard_link("top/b", "top/a"),
        hard_link("top/c", "./top/b"),
    ]))
    .unwrap();
    let [a, b, c] = &release.files[..] else { panic!("{:?}", release.files) };
    assert_eq!((a.mode, a.size, a.id), (Mode::Executable, 7, b.id));
    assert_eq!((b.mode, b.size, b.id), (c.mode, c.size, a.id));
    assert_eq!(release.bytes, 21);
}

#[test]
fn hard_ones_to_anything_else() {
    let a = || file("top/a", "x");
    for target in ["top/b", "top/none", "top", "a", "other/a", "top/d"] {
        let why = refused(&[a(), folder("top/d/"), hard_link("top/l", target), file("top/b", "x")]);
        assert_eq!(why, Refusal::UnseenTarget(target.to_owned()));
    }
    let own = refused(&[hard_link("top/l", "top/l")]);
    assert_eq!(own, Refusal::UnseenTarget("top/l".to_owned()));
    let to_link = refused(&[a(), link("top/s", "a"), hard_link("top/l", "top/s")]);
    assert_eq!(to_link, Refusal::TargetNoFile("top/s".to_owned()));
    let outside = refused(&[a(), hard_link("top/l", "../etc/passwd")]);
    assert_eq!(outside, Refusal::Path(Rule::Parent));
    assert_eq!(refused(&[a(), hard_link("top/l", "/etc/passwd")]), Refusal::Path(Rule::Absolute));
    assert_eq!(refused(&[a(), hard_link("top/l", "")]), Refusal::UnseenTarget(String::new()));
}

#[test]
fn hard_ones_count_as_files() {
    let mut members = vec![file("top/a", "0123456789")];
    members.extend((0..10).map(|at| hard_link(format!("top/{at}"), "top/a")));
    let limits = Limits { total: 109, ..Limits::default() };
    let fault = scanned_with(&archive(&members), limits).unwrap_err();
    assert!(matches!(fault, Fault::Limit { key: "total", .. }), "{fault}");
}
