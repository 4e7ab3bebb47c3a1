//! Paths that no release may have.

use git_seed::{Fault, Refusal, Rule};

use crate::support::tar::{Member, archive, file, folder, long, pax};
use crate::support::{refusal, scanned};

#[track_caller]
fn refused(path: impl AsRef<[u8]>, rule: Rule) {
    let members = [
        // As it stands, by GNU's long name, and by a pax record.
        vec![file(path.as_ref(), "x")],
        vec![long(b'L', path.as_ref()), file("top/short", "x")],
        vec![pax(b'x', &[("path", path.as_ref())]), file("top/short", "x")],
    ];
    // A NUL byte ends a name in a header.
    for members in members.iter().skip(usize::from(path.as_ref().contains(&0))) {
        let good = [folder("top/"), file("top/good", "x")];
        let (_, why) = refusal(&archive(&[&good[..], members].concat()));
        assert_eq!(why, Refusal::Path(rule), "{}", path.as_ref().escape_ascii());
    }
}

fn refusal_of(members: &[Member]) -> Option<Refusal> {
    scanned(&archive(members)).is_err().then(|| refusal(&archive(members)).1)
}

#[test]
fn that_lead_out_of_the_tree() {
    for path in ["../x", "top/../x", "top/a/../../../x", "top/..", ".."] {
        refused(path, Rule::Parent);
    }
    for path in ["/x", "/top/x", "//top/x"] {
        refused(path, Rule::Absolute);
    }
    for path in ["top/a\\b", "top\\..\\x", "\\\\server\\share"] {
        refused(path, Rule::Backslash);
    }
    for path in ["C:/x", "c:x", "./c:x"] {
        refused(path, Rule::Drive);
    }
}

#[test]
fn that_git_spells_otherwise() {
    for path in ["top//x", "top/./x", "././top/x", "top/a/."] {
        refused(path, Rule::Empty);
    }
    refused(b"top/a\0b", Rule::Nul);
    for path in [&b"top/\xff"[..], b"top/\xc3\x28", b"top/\xed\xa0\x80"] {
        refused(path, Rule::Encoding);
    }
}

#[test]
fn that_are_git_s_own() {
    for name in [
        ".git",
        ".GIT",
        ".Git",
        "git~1",
        "GIT~1",
        ".git.",
        ".git ",
        ".git. .",
        ".g\u{200c}it",
        ".git\u{feff}",
        ".gIt\u{200d}",
        ".git::$INDEX_ALLOCATION",
    ] {
        refused(format!("top/{name}/config"), Rule::DotGit);
        refused(format!("top/a/{name}/hooks/post-checkout"), Rule::DotGit);
        refused(format!("top/{name}"), Rule::DotGit);
    }
    for name in [".gitmodules", ".github/x", "git", "git~2", ".gitx", "a.git"] {
        assert!(scanned(&archive(&[file(format!("top/{name}"), "x")])).is_ok(), "{name}");
    }
}

#[test]
fn that_windows_cannot_have() {
    for name in ["CON", "con.txt", "NUL", "nul .a", "AUX", "PRN", "COM1", "lpt9.x", "CONIN$"] {
        refused(format!("top/{name}"), Rule::Device);
    }
    for name in ["a\nb", "a\x1bb", "\x01", "a\t?"] {
        refused(format!("top/{name}"), Rule::Control);
    }
    for name in ["a?b", "a*", "<a", "a>", "a|b", "a\"b", "abc:stream", "a:b", "C:", "C:/x", "é:x", "a: "] {
        refused(format!("top/{name}"), Rule::Reserved);
    }
    for name in ["a.", "a ", "a./b", "a. ."] {
        refused(format!("top/{name}"), Rule::Ending);
    }
}

#[test]
fn that_no_file_system_can_have() {
    let name = "n".repeat(255);
    let seen = |path: String| refusal_of(&[long(b'L', path), file("top/short", "x")]);
    assert_eq!(seen(format!("top/{name}")), None);
    assert_eq!(seen(format!("top/{name}/a")), None);
    for path in [format!("top/{name}n"), format!("top/{name}n/a")] {
        assert_eq!(seen(path), Some(Refusal::Path(Rule::LongName)));
    }
}

#[test]
fn of_folders_too() {
    for path in ["top/.git/", "../", "top/a/../", "/"] {
        let (_, why) = refusal(&archive(&[folder(path)]));
        assert!(matches!(why, Refusal::Path(_)), "{path}");
    }
}

#[test]
fn outside_of_one_top_folder() {
    let fault = |members: &[Member]| scanned(&archive(members)).unwrap_err();
    assert!(matches!(fault(&[file("README", "x")]), Fault::NoTop { entry, .. } if entry == "README"));
    assert!(
        matches!(fault(&[file("top/a", "x"), file("./b", "x")]), Fault::NoTop { entry, .. } if entry == "b")
    );
    let two = fault(&[file("one/a", "x"), folder("two/")]);
    assert!(matches!(&two, Fault::SeveralTops { first, second, .. } if first == "one" && second == "two"));
    assert!(two.to_string().contains("`one` and `two`") && two.help().contains("one top folder"));
}

#[test]
fn of_an_archive_without_files() {
    for members in [&[][..], &[folder("./")], &[folder("top/")], &[folder("top/"), folder("top/a/")]] {
        assert!(matches!(scanned(&archive(members)), Err(Fault::Empty { .. })), "{members:?}");
    }
    let (_, why) = refusal(&archive(&[file(".", "x")]));
    assert_eq!(why, Refusal::Path(Rule::Empty));
}

#[test]
fn are_told_on_one_printable_line() {
    let name = ["top/\u{202e}\x1b[2Jx`".to_owned(), "y".repeat(600), "\n".to_owned()].concat();
    let error = scanned(&archive(&[long(b'L', &name), file("top/short", "x")])).unwrap_err().to_string();
    assert!(error.starts_with("`top/\\u{202e}\\u{1b}[2Jx\\x60yyy"), "{error}");
    assert!(error.chars().count() < 400 && !error.contains(char::is_control), "{error}");
}
