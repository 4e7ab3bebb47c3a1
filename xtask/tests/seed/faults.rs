//! Archives that are refused, before anything is made.

use tar::EntryType::{Block, Char, Fifo, Link, Regular};

use crate::archive::Archive;
use crate::bed::Bed;
use crate::fixture::files;

/// The release that each crafted entry comes with.
fn good() -> Archive {
    Archive::release("1.0.0", [("README.md", "one\n")])
}

fn regular(name: &str) -> Archive {
    good().entry(Regular, name, "", b"x", 0o644)
}

/// Each is refused with these words in the message.
fn crafted() -> Vec<(Vec<u8>, Vec<&'static str>)> {
    let named = [
        ("emf/../../etc/passwd", "emf/../../etc/passwd"),
        ("/etc/passwd", "/etc/passwd"),
        ("emf/a\\b", "its path has a backslash"),
        ("C:/x", "`C:/x` is refused: its path begins with a drive letter"),
        ("emf/argocd/a:b", "its path has one of the characters `<>:\"|?*`"),
        ("emf/a\tb", "its path has a control character"),
        ("emf/a.", "a part of its path ends in a dot or a space"),
        ("emf/.git/hooks/post-update", "emf/.git/hooks/post-update"),
        ("emf/GIT~1/config", "emf/GIT~1/config"),
        ("emf/.g\u{200c}it/config", "is refused"),
        ("emf/README.md", "it is there twice"),
        ("emf/README.md/below", "emf/README.md"),
        ("other/file", "more than one top folder: `emf` and `other`"),
        ("file", "`file` outside of a top folder"),
    ];
    let links = [
        ("out", "../../etc", "out of the tree"),
        ("absolute", "/etc/passwd", "absolute path `/etc/passwd`"),
        ("git", ".git/config", "into `.git`"),
        (".gitmodules", "README.md", "`emf/.gitmodules`"),
        (".gitattributes", "README.md", "`emf/.gitattributes`"),
    ];
    let mut all: Vec<_> = named.map(|(name, said)| (regular(name).tgz(), vec![said])).into();
    all.extend(links.map(|(name, to, said)| (good().link(&format!("emf/{name}"), to).tgz(), vec![said])));
    all.extend(
        [(Char, "emf/dev"), (Block, "emf/block"), (Fifo, "emf/pipe")].map(|(kind, name)| {
            (good().entry(kind, name, "", &[], 0o644).tgz(), vec![name, "Git cannot hold"])
        }),
    );
    let late = good().entry(Link, "emf/hard", "emf/later", &[], 0o644).file("emf/later", "x");
    all.push((late.tgz(), vec!["`emf/hard`", "`emf/later`"]));
    let below = good().link("emf/bin", "sbin").file("emf/bin/x", "x").file("emf/sbin/y", "y");
    all.push((below.tgz(), vec!["`emf/bin/x`", "below `emf/bin`, which is a symbolic link"]));
    let (whole, mut damaged) = (good().tgz(), good().tgz());
    let middle = whole.len() / 2;
    damaged[middle] ^= 0x55;
    all.push((whole[..middle].to_vec(), vec!["truncated"]));
    all.push((damaged, vec!["damaged"]));
    all.push(([whole, b"garbage".to_vec()].concat(), vec!["goes on after its end"]));
    all.push((Archive::default().tgz(), vec!["holds no file"]));
    all
}

#[test]
fn nothing_is_made_of_a_bad_archive() {
    let bed = Bed::new();
    for (index, (bytes, said)) in crafted().into_iter().enumerate() {
        let name = format!("{index}.tgz");
        bed.put(&name, bytes);
        let before = files::below(bed.root());
        let ran = bed.seed(&name).run().exits(1).stdout("");
        let message = ran.errors();
        assert!(message.starts_with("error: `") && message.contains("\nhelp: "), "{message}");
        assert!(said.iter().all(|word| message.contains(word)), "{said:?} is not in: {message}");
        assert_eq!(files::below(bed.root()), before, "{said:?}");
    }
}

#[test]
fn a_bad_archive_leaves_the_branch_alone() {
    let bed = Bed::new();
    bed.seeded(&bed.put("good.tgz", good().tgz()));
    let before = files::below(&bed.repository());
    for (index, (bytes, _)) in crafted().into_iter().enumerate() {
        let name = format!("{index}.tgz");
        bed.put(&name, bytes);
        bed.seed(&name).run().exits(1);
    }
    assert_eq!(files::below(&bed.repository()), before);
}

#[test]
fn limits_are_flags() {
    let bed = Bed::new();
    let zeros = good().file("emf/zeros", vec![0; 3 << 20]).file("emf/a/b/c/d", "x");
    bed.put("a.tgz", zeros.tgz());
    for (flag, said) in [
        (["--max-total-mib", "2"], "`total`"),
        (["--max-file-mib", "2"], "`emf/zeros`"),
        (["--max-ratio", "2"], "`ratio`"),
        (["--max-entries", "2"], "`entries`"),
        (["--max-depth", "2"], "`emf/a/b/c/d`"),
        (["--max-path", "6"], "`emf/VERSION`"),
    ] {
        let args = ["gitea", "seed", "--tarball", "a.tgz"].into_iter().chain(flag);
        let ran = bed.platform.xtask(args).run().exits(1).stdout("");
        assert!(ran.errors().contains(said), "{flag:?}: {}", ran.errors());
    }
    assert!(!bed.repository().exists());
    let args = ["gitea", "seed", "--tarball", "a.tgz", "--max-ratio", "100000"];
    bed.platform.xtask(args).run().exits(0);
}

#[test]
fn twins_are_told_and_strictly_refused() {
    let bed = Bed::new();
    bed.put("a.tgz", good().file("emf/readme.md", "two\n").tgz());
    let strict = bed.platform.xtask(["gitea", "seed", "--tarball", "a.tgz", "--strict"]).run().exits(1);
    assert!(strict.errors().starts_with("error: `emf/readme.md` is refused: "), "{}", strict.errors());
    assert!(!bed.repository().exists());
    let ran = bed.seed("a.tgz").run().exits(0);
    assert!(
        ran.errors().starts_with("warning: `emf/README.md` and `emf/readme.md` are one file "),
        "{}",
        ran.errors()
    );
    assert_eq!(bed.content("readme.md"), "two\n");
}

#[test]
fn names_are_printable_in_messages() {
    let bed = Bed::new();
    bed.put("a.tgz", good().link("emf/\u{1b}[31mred", "/x").tgz());
    let ran = bed.seed("a.tgz").run().exits(1);
    assert!(!ran.errors().contains('\u{1b}') && ran.errors().contains("[31mred"), "{}", ran.errors());
}
