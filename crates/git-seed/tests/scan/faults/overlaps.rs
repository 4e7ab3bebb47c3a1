//! Entries that are at one place, or below each other.

use git_seed::{Refusal, Rules, Silent, scan};

use crate::support::tar::{Member, archive, file, folder, hard_link, link};
use crate::support::{Memory, refusal, scanned};

#[track_caller]
fn refused(members: &[Member]) -> (String, Refusal) {
    refusal(&archive(members))
}

#[test]
fn a_path_that_is_there_twice() {
    let a = || file("top/a", "x");
    for second in
        [a(), file("top/a", "y"), file("./top/a", "x"), link("top/a", "b"), hard_link("top/a", "top/a")]
    {
        assert_eq!(refused(&[a(), file("top/b", "x"), second.clone()]).1, Refusal::Twice, "{second:?}");
    }
    let folders =
        [folder("top/"), folder("top/d/"), a(), folder("top/d"), folder("top/"), file("top/d/x", "x")];
    assert!(scanned(&archive(&folders)).is_ok(), "folders may be there again");
}

#[test]
fn an_entry_below_a_link() {
    for below in [file("top/l/x", "x"), folder("top/l/x/"), link("top/l/x", "y"), file("top/l/a/b/c", "x")] {
        let members = [link("top/l", "d"), folder("top/d/"), file("top/z", "x"), below];
        for members in [members.to_vec(), members.iter().rev().cloned().collect()] {
            let (_, why) = refused(&members);
            assert_eq!(why, Refusal::BelowLink("top/l".to_owned()));
        }
    }
}

#[test]
fn a_file_that_is_a_folder_too() {
    let file_at = file("top/a", "x");
    let (before, between) = (file("top/0", "x"), file("top/a.b", "x"));
    for other in [file("top/a/x", "x"), folder("top/a/"), folder("top/a/b/"), file("top/a/b/c", "x")] {
        let members = [file_at.clone(), before.clone(), between.clone(), other];
        for members in [members.to_vec(), members.iter().rev().cloned().collect()] {
            assert_eq!(refused(&members), ("top/a".to_owned(), Refusal::FileAndFolder));
        }
    }
    let members = [link("top/a", "b"), folder("top/a/")];
    assert_eq!(refused(&members).1, Refusal::FileAndFolder);
}

#[test]
fn twins_are_warned_of_or_refused() {
    for (one, other) in [
        ("Readme", "README"),
        ("d/É.txt", "d/é.TXT"),
        ("caf\u{e9}", "cafe\u{301}"),
        ("CAF\u{c9}", "cafe\u{301}"),
        ("ς", "Σ"),
        ("\u{212a}", "k"),
    ] {
        let bytes = archive(&[
            file(format!("top/{one}"), "1"),
            file("top/x", "x"),
            file(format!("top/{other}"), "2"),
        ]);
        let release = scanned(&bytes).unwrap();
        assert_eq!(release.warnings.len(), 1, "{one} {other}");
        let warning = &release.warnings[0];
        assert!(warning.contains(one) || warning.contains("\\u{301}"), "{warning}");
        assert!(warning.starts_with("`top/") && warning.contains("` and `top/"), "{warning}");
        let strict = scan(&Memory::new(bytes).origin(), &Rules { strict: true, ..Rules::default() }, &Silent);
        let error = strict.unwrap_err().to_string();
        assert!(error.contains("only in case or Unicode form") && error.contains("from `top/"), "{error}");
    }
}

#[test]
fn twins_of_folders_are_found_too() {
    let release = scanned(&archive(&[file("top/a/x", "1"), file("top/A/y", "2")])).unwrap();
    assert_eq!(release.warnings.len(), 1, "{:?}", release.warnings);
    let none = scanned(&archive(&[file("top/a/x", "1"), file("top/b/X", "2"), file("top/ab", "3")])).unwrap();
    assert_eq!(none.warnings, [""; 0]);
}

#[test]
fn many_twins_make_few_warnings() {
    let pairs = (0..50).flat_map(|at| [file(format!("top/a{at}"), "1"), file(format!("top/A{at}"), "2")]);
    let release = scanned(&archive(&pairs.collect::<Vec<_>>())).unwrap();
    assert_eq!(release.warnings.len(), 11);
    assert!(release.warnings[10].starts_with("40 more"), "{:?}", release.warnings);
}
