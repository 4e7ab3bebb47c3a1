//! `tarball verify`.

use std::fs;
use std::process::Command;

use crate::repository::{NAME, Repository, run};
use crate::support::{Call, Checkout};

fn verify(repository: &Repository, words: &str) -> Call {
    let words = format!("tarball verify {words}");
    repository.checkout.xtask(words.split_whitespace())
}

#[test]
fn what_was_built_is_well() {
    let repository = Repository::new();
    let built = repository.build("--format json").run().exits(0).json();
    let (digest, head) = (built["sha256"].as_str().unwrap(), repository.head());
    for words in [
        String::new(),
        format!("--sha256 {digest}"),
        format!("--sha256 sha256:{}", digest.to_uppercase()),
        format!("--manifest out/{NAME}.manifest.json --strict"),
    ] {
        let ran = verify(&repository, &format!("out/{NAME} {words}")).run().exits(0).stderr("");
        let tree = built["tree"].as_str().unwrap();
        ran.stdout(format!(
            "out/{NAME} is well\nversion  3.1.0\ncommit   {head}\ndate     2025-06-15T15:06:40Z\n\
             files    9 of [..] bytes; [..] compressed\nsha256   {digest}\ntree     {tree}\n"
        ));
    }
    let verified = verify(&repository, &format!("out/{NAME} --format json")).run().exits(0).json();
    for key in ["sha256", "size", "version", "commit", "files", "bytes", "tree"] {
        assert_eq!(verified[key], built[key], "{key}");
    }
}

#[test]
fn another_one_is_refused() {
    let repository = Repository::new();
    repository.build("").run().exits(0);
    let manifest = fs::read_to_string(repository.out(&format!("{NAME}.manifest.json"))).unwrap();
    fs::write(repository.out("old.json"), manifest).unwrap();
    for path in ["tools/run.sh", "tools/new"] {
        repository.write(path, "changed\n");
    }
    repository.commit();
    repository.build("").run().exits(0);
    let zeros = "0".repeat(64);
    let ran = verify(&repository, &format!("out/{NAME} --sha256 {zeros}")).run().exits(1).stdout("");
    assert!(ran.errors().contains(&format!(", not {zeros}\n")), "{}", ran.errors());
    verify(&repository, &format!("out/{NAME} --manifest out/old.json")).run().exits(1).stdout("").stderr(format!(
        "error: `out/{NAME}` differs from its manifest in `COMMIT_ID`, `tools/new`, `tools/run.sh`\nhelp: [..]\n"
    ));
}

#[test]
fn a_digest_that_is_none_is_told_what_it_lacks() {
    let checkout = Checkout::new();
    let long = "0".repeat(65);
    for (given, fault) in [
        ("12", "this one has 2"),
        (&long, "this one has 65"),
        ("sha256:", "this one has 0"),
        ("x.tgz.sha256", "`x` is no such digit"),
        ("\t", "`\\t` is no such digit"),
        ("sha512:00", "this one begins with `sha512:`"),
    ] {
        let cause = format!("a SHA-256 has 64 hexadecimal digits, alone or behind `sha256:`; {fault}");
        for (words, flag) in [("verify x.tgz", "--sha256"), ("pull", "--digest")] {
            let line = format!("tarball {words} {flag} {given}");
            checkout.xtask(line.split(' ')).run().exits(2).stdout("").stderr(format!(
                "error: `{given}` is no value for `{flag} <DIGEST>`\ncause: {cause}\n\
                 help: see the same command with `--help`\n"
            ));
        }
    }
}

#[test]
fn standard_input_is_read_like_a_file() {
    let repository = Repository::new();
    let digest = repository.build("--format json").run().exits(0).json()["sha256"].clone();
    let digest = digest.as_str().unwrap();
    let piped = |words: &str| verify(&repository, words).input(&repository.out(NAME)).run();
    let ran = piped(&format!("- --sha256 {digest}")).exits(0).stderr("");
    assert!(ran.text().starts_with("standard input is well\nversion  3.1.0\n"), "{}", ran.text());
    let answer = piped("- --format json").exits(0).json();
    let size = fs::metadata(repository.out(NAME)).unwrap().len();
    assert_eq!((answer["file"].as_str(), answer["size"].as_u64()), (Some("-"), Some(size)));
    let ran = piped(&format!("- --sha256 {}", "0".repeat(64))).exits(1).stdout("");
    assert!(ran.errors().starts_with("error: `standard input` has the SHA-256 "), "{}", ran.errors());
}

/// A limit on the size of files stands for a full disk.
#[test]
fn a_temporary_folder_that_is_missing_or_full_is_named() {
    let repository = Repository::new();
    repository.build("").run().exits(0);
    let help = "help: name a folder that is there and has room with the variable `TMPDIR`\n";
    let refused = |folder: &str, call: Call, why: &str| {
        let ran = call.env("TMPDIR", repository.checkout.root().join(folder)).run().exits(1).stdout("");
        ran.stderr(format!(
            "error: cannot keep standard input in the folder `[ROOT]/{folder}`\ncause: {why}\n{help}"
        ));
    };
    refused("absent", verify(&repository, "-"), "No such file or directory (os error 2)");
    let limited = verify(&repository, "-").after("trap '' XFSZ && ulimit -f 0").input(&repository.out(NAME));
    refused("out", limited, "File too large (os error 27)");
}

#[test]
fn what_is_no_manifest_is_told() {
    let repository = Repository::new();
    repository.build("").run().exits(0);
    for manifest in ["absent", &format!("out/{NAME}.sha256")] {
        let ran = verify(&repository, &format!("out/{NAME} --manifest {manifest}")).run().exits(1).stdout("");
        assert!(ran.errors().contains("help: name the file `….manifest.json` "), "{}", ran.errors());
    }
    let ran = repository
        .checkout
        .xtask(["tarball", "build", "--from", "emf", "--output", "/proc/none"])
        .run()
        .exits(1)
        .stdout("");
    let said = "error: cannot write to the folder `/proc/none`\ncause: ";
    assert!(
        ran.errors().contains(said) && ran.errors().contains("\nhelp: make it writable"),
        "{}",
        ran.errors()
    );
}

#[test]
fn one_that_contradicts_its_name_is_refused() {
    let repository = Repository::new();
    repository.build("").run().exits(0);
    let other = NAME.replace("3.1.0", "3.1.1");
    fs::copy(repository.out(NAME), repository.out(&other)).unwrap();
    verify(&repository, &format!("out/{other}"))
        .run()
        .exits(1)
        .stdout("")
        .stderr(format!("error: `out/{other}` holds version `3.1.0`\nhelp: [..]\n"));
    fs::copy(repository.out(NAME), repository.out("x.tgz")).unwrap();
    let ran = verify(&repository, "out/x.tgz").run().exits(0);
    assert!(ran.errors().starts_with("warning: its name is not one of a release: "), "{}", ran.errors());
}

#[test]
fn what_is_no_release_is_refused() {
    let repository = Repository::new();
    let pack = |files: &[&str]| {
        let transform = "--transform=s,^,edge-manageability-framework/,";
        run(Command::new("tar")
            .args(["-czf", "../x.tgz", transform])
            .args(files)
            .current_dir(repository.path("")));
    };
    let refused = |why: &str| {
        let ran = verify(&repository, "x.tgz").run().exits(1).stdout("");
        assert!(ran.errors().contains(why), "{why}: {}", ran.errors());
    };
    pack(&["VERSION", "tools"]);
    refused("error: `x.tgz` is not a release: it has no file `COMMIT_ID`\n");
    repository.write("COMMIT_ID", "abc\n");
    pack(&["VERSION", "COMMIT_ID", "tools"]);
    refused("is not a release: it has no files in `argocd`, `bootstrap`, ");
    repository.write("VERSION", "3.1.0\x1b[31m\n");
    pack(&["VERSION", "COMMIT_ID", "tools"]);
    refused("is not a release: its file `VERSION` does not begin with a short line of text\n");
    fs::write(repository.checkout.root().join("x.tgz"), "no archive").unwrap();
    refused("`x.tgz`");
    verify(&repository, "absent.tgz")
        .run()
        .exits(1)
        .stdout("")
        .stderr("error: `absent.tgz` cannot be opened\n...\n");
}

#[test]
fn rules_and_limits_of_seeding_hold() {
    let repository = Repository::new();
    repository.write("tools/RUN.sh", "twin\n");
    repository.commit();
    let ran = repository.build("").run().exits(0);
    assert!(ran.errors().contains("warning: "), "{}", ran.errors());
    verify(&repository, &format!("out/{NAME}")).run().exits(0);
    let ran = verify(&repository, &format!("out/{NAME} --strict")).run().exits(1).stdout("");
    assert!(ran.errors().contains("RUN.sh"), "{}", ran.errors());
    for (flag, value) in [("--max-entries", 3), ("--max-depth", 1), ("--max-path", 10)] {
        let ran = verify(&repository, &format!("out/{NAME} {flag} {value}")).run().exits(1).stdout("");
        let help = format!("help: raise it with `{flag}` if the release is meant to be so\n");
        assert!(ran.errors().ends_with(&help), "{}", ran.errors());
    }
    let whole = fs::read(repository.out(NAME)).unwrap();
    fs::write(repository.out(NAME), &whole[..whole.len() - 9]).unwrap();
    let ran = verify(&repository, &format!("out/{NAME}")).run().exits(1).stdout("");
    assert!(ran.errors().contains("truncated"), "{}", ran.errors());
}
