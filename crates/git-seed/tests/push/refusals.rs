//! What servers refuse, and how it is told.

use crate::support::Tree;
use crate::support::git::Repository;
use crate::support::local::Local;
use crate::support::wrappers::{Canned, Changed, whole};
use git_seed::{Cause, Silent};

/// One packet line.
fn line(text: &str) -> Vec<u8> {
    format!("{:04x}{text}", text.len() + 4).into_bytes()
}

fn refused(error: &git_seed::Error) -> (&str, &str) {
    match error.cause() {
        Cause::Refused { reason, says } => (reason, says),
        _ => panic!("{error}"),
    }
}

#[test]
fn a_hooks_words_are_shown() {
    for hook in ["pre-receive", "update"] {
        let repository = Repository::new();
        repository.hook(hook, "echo 'not on \x1b[1mFridays' >&2; echo 'come back' >&2; exit 1");
        let error = Tree::sample("one").seed(&Local(repository.path())).unwrap_err();
        let (reason, says) = refused(&error);
        assert!(reason.contains("hook declined"), "{reason}");
        assert!(says.starts_with("not on  [1mFridays come back"), "{says}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(repository.head(), "");
    }
}

#[test]
fn a_lock_that_stays_is_told() {
    let repository = Repository::new();
    Tree::sample("one").seed(&Local(repository.path())).unwrap();
    std::fs::write(repository.path().join("refs/heads/main.lock"), "").unwrap();
    let error = Tree::sample("two").seed(&Local(repository.path())).unwrap_err();
    let (reason, says) = refused(&error);
    assert!(reason.contains("failed to update ref") && says.contains("main.lock"), "{reason}: {says}");
    std::fs::remove_file(repository.path().join("refs/heads/main.lock")).unwrap();
    Tree::sample("two").seed(&Local(repository.path())).unwrap();
}

fn seed_and_hear(answer: Vec<u8>) -> git_seed::Error {
    let repository = Repository::new();
    let answered = move |_, _| Ok(answer.clone());
    let sent = |service, body: Box<dyn std::io::Read + Send + '_>| {
        whole(service, body);
        b"0000".to_vec()
    };
    Tree::sample("one").seed(&Changed { inner: Local(repository.path()), sent, answered }).unwrap_err()
}

#[test]
fn a_fatal_error_in_the_middle_is_told() {
    let answer =
        [line("\x02warning: disk is low\n"), line("\x03fatal: no space\n"), b"0000".to_vec()].concat();
    assert_eq!(refused(&seed_and_hear(answer)), ("fatal: no space", "warning: disk is low"));
    assert_eq!(refused(&seed_and_hear(line("ERR go away"))), ("go away", ""));
}

#[test]
fn a_pack_that_cannot_be_unpacked_is_told() {
    let report =
        [line("unpack index-pack failed\n"), line("ng refs/heads/main unpacker error\n"), b"0000".to_vec()];
    let report = String::from_utf8(report.concat()).unwrap();
    let answer = [line(&format!("\x01{report}")), b"0000".to_vec()].concat();
    assert_eq!(refused(&seed_and_hear(answer)).0, "the pack was not unpacked: index-pack failed");
}

#[test]
fn a_report_of_something_else_is_no_success() {
    let reports = ["", "unpack ok\n", "ok refs/heads/other\n", "unpack ok\nok refs/heads/other\n"];
    for report in reports {
        let lines: Vec<u8> = report.split_inclusive('\n').flat_map(line).chain(*b"0000").collect();
        let band = line(&format!("\x01{}", String::from_utf8(lines).unwrap()));
        let error = seed_and_hear([band, b"0000".to_vec()].concat());
        assert!(matches!(error.cause(), Cause::Protocol(_)), "{report:?}: {error}");
    }
}

#[test]
fn what_a_server_lacks_is_named() {
    let id = "1".repeat(40);
    let upload =
        |lines: &[&str]| [lines.iter().flat_map(|text| line(text)).collect(), b"0000".to_vec()].concat();
    let receive = |capabilities: &str| upload(&[&format!("{id} refs/heads/main\0{capabilities}\n")]);
    let good = "report-status side-band-64k object-format=sha1";
    let cases = [
        (receive("side-band-64k"), upload(&[]), "report-status"),
        (receive("report-status object-format=sha256"), upload(&[]), "SHA-1"),
        (receive(good), upload(&[&format!("{id} HEAD\0multi_ack\n")]), "version 2"),
        (receive(good), upload(&["version 2\n", "ls-refs\n"]), "`fetch`"),
        (receive(good), upload(&["version 2\n", "fetch\n", "object-format=sha256\n"]), "SHA-1"),
    ];
    for (receive, upload, named) in cases {
        let remote = Canned { receive, upload, answer: Vec::new() };
        let error = Tree::sample("one").seed(&remote).unwrap_err();
        assert!(
            matches!(error.cause(), Cause::Unsupported(_)) && error.to_string().contains(named),
            "{error}"
        );
    }
}

#[test]
fn what_a_server_cannot_read_is_no_refusal_of_a_commit() {
    let id = "1".repeat(40);
    let upload = [line("version 2\n"), line("fetch\n"), b"0000".to_vec()].concat();
    let refs = [line(&format!("{id} refs/heads/main\0report-status")), b"0000".to_vec()].concat();
    let lost = line(&format!("ERR upload-pack: not our ref {id}"));
    let corrupt =
        [line("packfile\n"), line("\x02error: bad \x1b[1mtree\n"), line("\x03fatal: corrupt\n")].concat();
    for (answer, said) in [
        (lost, format!("upload-pack: not our ref {id}")),
        (corrupt, "error: bad  [1mtree; fatal: corrupt".to_owned()),
    ] {
        let remote = Canned { receive: refs.clone(), upload: upload.clone(), answer };
        let error = Tree::sample("one").seed(&remote).unwrap_err();
        assert!(matches!(error.cause(), Cause::Damaged { says } if *says == said), "{error}");
    }
}

#[test]
fn a_repository_that_lost_its_objects_is_damaged() {
    let repository = Repository::new();
    Tree::sample("one").seed(&Local(repository.path())).unwrap();
    for entry in std::fs::read_dir(repository.path().join("objects")).unwrap() {
        std::fs::remove_dir_all(entry.unwrap().path()).unwrap();
    }
    let error = git_seed::head(&Local(repository.path()), "main", &Silent).unwrap_err();
    assert!(matches!(error.cause(), Cause::Damaged { says } if says.contains("not our ref")), "{error}");
    assert!(error.help().contains("git fsck"));
}

#[test]
fn a_bad_name_of_a_branch_is_refused() {
    let repository = Repository::new();
    let tree = Tree::sample("one");
    for branch in ["", "a..b", "a b", "a\nb", "-\0", "x.lock"] {
        let remote = Local(repository.path());
        let error = git_seed::seed(&tree.origin, &tree.release, &remote, branch, &Silent).unwrap_err();
        assert!(matches!(error.cause(), Cause::Branch(_)), "{branch:?}: {error}");
        assert!(matches!(git_seed::head(&remote, branch, &Silent).unwrap_err().cause(), Cause::Branch(_)));
    }
}

#[test]
fn a_server_without_bands_is_understood() {
    let receive =
        [line(&format!("{} capabilities^{{}}\0report-status", "0".repeat(40))), b"0000".to_vec()].concat();
    let report = |outcome: &str| [line("unpack ok\n"), line(outcome), b"0000".to_vec()].concat();
    let seed = |outcome: &str| {
        let answer = report(outcome);
        Tree::sample("one").seed(&Canned { receive: receive.clone(), upload: Vec::new(), answer })
    };
    assert_eq!(seed("ok refs/heads/main\n").unwrap().attempts, 1);
    assert_eq!(refused(&seed("ng refs/heads/main no\n").unwrap_err()), ("no", ""));
}
