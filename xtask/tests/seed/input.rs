//! What a release may come as, and what is no release.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::archive::Archive;
use crate::bed::Bed;
use crate::fixture::{files, processes, wait};

fn archive() -> Archive {
    Archive::release("1.0.0", [("README.md", "one\n")]).program("emf/bin/run", "#!/bin/sh\n")
}

#[test]
fn each_form_makes_the_same_tree() {
    let bed = Bed::new();
    let forms = [("a.tar", archive().tar()), ("a.tgz", archive().tgz()), ("a.tar.zst", archive().zstd())];
    for (index, (name, bytes)) in forms.into_iter().enumerate() {
        let answer = bed.seeded(&bed.put(name, bytes));
        assert_eq!(answer["committed"], index == 0, "{name}");
    }
    let unpacked = bed.root().join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    let tar = Command::new("tar").args(["-xf", "a.tar", "-C", "unpacked"]).current_dir(bed.root()).status();
    assert!(tar.unwrap().success());
    fs::create_dir(unpacked.join("emf/.git")).unwrap();
    fs::write(unpacked.join("emf/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let answer = bed.platform.json(["gitea", "seed", "--tree", "unpacked/emf"]);
    assert_eq!((&answer["committed"], &answer["version"]), (&false.into(), &"1.0.0".into()));
    bed.platform.xtask(["gitea", "verify", "--tree", "unpacked/emf"]).run().exits(0);
}

#[test]
fn a_folder_is_seeded_as_it_is() {
    let bed = Bed::new();
    let answer = bed.platform.json(["gitea", "seed", "--tree", "release-sample"]);
    assert_eq!((&answer["committed"], &answer["version"]), (&true.into(), &"0.1.0-sample".into()));
    let modes = bed.git(&["ls-tree", "-r", "main", "tools", "VERSION"]);
    let modes: Vec<_> = modes.lines().map(|line| line.split_once(' ').unwrap().0).collect();
    assert_eq!(modes, ["100644", "100755"]);
}

#[test]
fn paths_are_those_of_the_callers_folder() {
    let bed = Bed::new();
    fs::create_dir(bed.root().join("below")).unwrap();
    bed.put("below/a.tgz", archive().tgz());
    let below = bed.root().join("below");
    let call = bed.platform.xtask(["gitea", "seed", "--tarball", "a.tgz"]).dir(&below);
    call.run().exits(0).stderr("");
    assert_eq!(bed.subjects().len(), 1);
    assert!(!below.join(".xtask").exists());
}

#[test]
fn standard_input_is_read_to_its_end() {
    let bed = Bed::new();
    let path = bed.put("a.tgz", archive().tgz());
    let through = |name: &str| {
        let child = Command::new("sh")
            .args([
                "-c",
                "cat \"$1\" | \"$0\" gitea seed --tarball - --format json",
                env!("CARGO_BIN_EXE_xtask"),
                name,
            ])
            .current_dir(bed.root())
            .env("CARGO_MANIFEST_DIR", bed.root().join("xtask"))
            .env_remove("XTASK_PROFILE")
            .output()
            .unwrap();
        (child.status.code(), serde_json::from_slice(&child.stdout).unwrap_or(serde_json::Value::Null))
    };
    let (status, answer) = through(&path);
    assert_eq!((status, &answer["committed"]), (Some(0), &true.into()));
    assert_eq!(answer["digest"], bed.seeded(&path)["digest"]);
    // The test's calls have none.
    bed.seed("-").run().exits(1).stdout("").stderr("error: `standard input` [..]\nhelp: [..]\n");
    let (status, _) = through("/dev/zero");
    assert_eq!(status, Some(1), "a release has its limits");
}

#[test]
fn an_input_that_never_comes_is_not_waited_for() {
    let bed = Bed::new();
    let call = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(["gitea", "seed", "--tarball", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped());
        command.current_dir(bed.root()).env("CARGO_MANIFEST_DIR", bed.root().join("xtask"));
        command.env_remove("XTASK_PROFILE");
        command
    };
    let mut child = call().spawn().unwrap();
    wait::until("the signals to be waited for", || {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap().trim().to_owned();
        u64::from_str_radix(&caught, 16).unwrap() & 1 << (Signal::INT.as_raw() - 1) != 0
    });
    processes::signal(child.id(), Signal::INT);
    let stdin = child.stdin.take();
    let ended = child.wait_with_output().unwrap();
    let said = "error: interrupted; nothing was sent\nhelp: run the command again to go on\n";
    assert_eq!((ended.status.code(), String::from_utf8(ended.stderr).unwrap().as_str()), (Some(130), said));
    drop(stdin);
    let mut child = call().args(["--timeout", "50ms"]).spawn().unwrap();
    let stdin = child.stdin.take();
    assert_eq!(child.wait().unwrap().code(), Some(4));
    drop(stdin);
}

#[test]
fn a_release_is_named_exactly_once() {
    let bed = Bed::new();
    let before = files::below(bed.root());
    for verb in ["seed", "verify"] {
        let none = bed.platform.xtask(["gitea", verb]).run().exits(2).stdout("");
        assert!(none.errors().contains("--tarball") && none.errors().contains("--tree"), "{}", none.errors());
        let two = ["gitea", verb, "--tarball", "a.tgz", "--tree", "release-sample"];
        let two = bed.platform.xtask(two).run().exits(2).stdout("");
        assert!(two.errors().contains("cannot be used with"), "{}", two.errors());
    }
    assert_eq!(files::below(bed.root()), before);
}

#[test]
fn what_is_not_fetched_takes_no_flags_of_the_release_service() {
    let bed = Bed::new();
    let refused = |words: &str, message: &str| {
        let ran = bed.platform.xtask(words.split(' ')).run().exits(2).stdout("");
        ran.stderr(format!("error: {message}\nhelp: see `cargo xtask gitea [..] --help`\n"));
    };
    let flags = [
        ("--variant cloudFull", "--variant <VARIANT>"),
        ("--registry 127.0.0.1:1", "--registry <HOST[:PORT]>"),
        ("--registry-repository a/b", "--registry-repository <PATH>"),
        ("--registry-plain-http", "--registry-plain-http"),
        ("--registry-ca ca.pem", "--registry-ca <FILE>"),
        ("--registry-credentials file", "--registry-credentials <FILE>"),
    ];
    for (given, flag) in flags {
        let why = |source: &str| format!("`{source}` cannot be used with `{flag}`");
        refused(&format!("gitea seed --tree release-sample {given}"), &why("--tree <FOLDER>"));
        refused(&format!("gitea verify --tarball a.tgz {given}"), &why("--tarball <FILE>"));
        refused(&format!("gitea package --version 1.0.0 --tarball a.tgz {given}"), &why("--tarball <FILE>"));
    }
    let other_way_round = "`--registry <HOST[:PORT]>` cannot be used with `--tree <FOLDER>`";
    refused("gitea seed --registry 127.0.0.1:1 --tree release-sample", other_way_round);
}

#[test]
fn what_is_no_archive_is_named() {
    let bed = Bed::new();
    bed.put("empty", "");
    bed.put("text", "not an archive\n");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        bed.root().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    File::create(bed.root().join("a.zip")).unwrap().set_len(0).unwrap();
    fs::write(bed.root().join("a.zip"), b"PK\x03\x04rest of it").unwrap();
    let before = files::below(bed.root());
    for (name, message) in [
        (
            "absent.tgz",
            "error: `absent.tgz` cannot be opened\ncause: No such file or directory (os error 2)\nhelp: [..]\n",
        ),
        ("profiles", "error: `profiles` is a folder, not a tar archive\nhelp: give it with `--tree`\n"),
        (
            "pipe",
            "error: `pipe` is a pipe, and an archive is read twice\n\
             help: give `-` in its place, and pipe the archive in\n",
        ),
        ("empty", "error: `empty` is empty, not a tar archive\nhelp: [..]\n"),
        ("text", "error: `text` is something else, not a tar archive\nhelp: [..]\n"),
        ("a.zip", "error: `a.zip` is [..], not a tar archive\nhelp: [..]\n"),
    ] {
        bed.seed(name).run().exits(1).stdout("").stderr(message);
    }
    for (name, message) in [
        ("absent", "error: `absent` cannot be read\n"),
        ("text", "error: `text` is a file, not a folder\nhelp: give it with `--tarball`\n"),
    ] {
        let ran = bed.platform.xtask(["gitea", "seed", "--tree", name]).run().exits(1).stdout("");
        assert!(ran.errors().starts_with(message), "{}", ran.errors());
    }
    assert_eq!(files::below(bed.root()), before, "no repository is made");
}

#[test]
fn details_are_told_to_those_who_ask() {
    let bed = Bed::new();
    let release = bed.release("1", &[("README.md", "one\n")]);
    let said = || {
        bed.platform.xtask(["gitea", "seed", "-v", "--tarball", &release]).run().exits(0).errors().to_owned()
    };
    let first = said();
    for word in [
        "the release has the tree ",
        "made the repository `",
        " git receive-pack ",
        "the branch has no commit, and lacks ",
    ] {
        assert!(first.contains(word), "{word}: {first}");
    }
    let head = bed.head().unwrap();
    let again = said();
    assert!(again.contains(&format!("commit {head} has the same tree: nothing was sent\n")), "{again}");
    bed.seed(&release).run().exits(0).stderr("");
}
