//! Servers that say anything: it ends with an error, never with a panic, and
//! never with files that are not there.

use std::io;
use std::sync::LazyLock;

use crate::support::Tree;
use crate::support::git::Repository;
use crate::support::local::Local;
use crate::support::wrappers::{Canned, Changed, whole};
use git_seed::{Head, Listing, Remote, Service, Silent};
use proptest::prelude::*;

fn line(text: &[u8]) -> Vec<u8> {
    [format!("{:04x}", text.len() + 4).as_bytes(), text].concat()
}

const FLUSH: &[u8] = b"0000";
const ID: &str = "1111111111111111111111111111111111111111";

/// Lines that are nearly those of the protocol.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let words = prop_oneof![
        Just(b"0000".to_vec()),
        Just(b"0001".to_vec()),
        Just(b"0003".to_vec()),
        Just(b"fff0".to_vec()),
        Just(line(b"unpack ok\n")),
        Just(line(b"\x01000eunpack ok\n")),
        Just(line(b"\x010019ok refs/heads/main\n0000")),
        Just(line(b"\x010019ng refs/heads/main\n0000")),
        Just(line(b"\x02words")),
        Just(line(b"\x03words")),
        Just(line(b"packfile\n")),
        Just(line(b"\x01PACK\0\0\0\x02\0\0\0\x01")),
        Just(line(b"version 2\n")),
        Just(line(b"fetch=shallow filter\n")),
        Just(line(format!("{ID} refs/heads/main\n").as_bytes())),
        Just(line(format!("{ID} refs/heads/main\0report-status\n").as_bytes())),
        proptest::collection::vec(any::<u8>(), 1..40).prop_map(|bytes| line(&bytes)),
        proptest::collection::vec(any::<u8>(), 0..40),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| line(&[b"\x01", &bytes[..]].concat())),
    ];
    proptest::collection::vec(words, 0..8).prop_map(|lines| lines.concat())
}

fn ask(remote: &dyn Remote) {
    // What comes of it is as it may be; it must come to an end.
    let _ = git_seed::head(remote, "main", &Silent);
    let _ = Tree::sample("one").seed(remote);
}

/// A repository, its head, and what is in it.
static GOOD: LazyLock<(Repository, Head, Listing)> = LazyLock::new(|| {
    let repository = Repository::new();
    for first in ["one", "two"] {
        Tree::sample(first).seed(&Local(repository.path())).unwrap();
    }
    repository.git(&["repack", "-adfq"]);
    let remote = Local(repository.path());
    let head = git_seed::head(&remote, "main", &Silent).unwrap().unwrap();
    let listing = git_seed::files(&remote, &head, &Silent).unwrap();
    (repository, head, listing)
});

/// An answer with some bytes changed, or its end cut off.
fn damaged(mut answer: Vec<u8>, changes: &[(usize, u8)], cut: Option<usize>) -> Vec<u8> {
    for (at, byte) in changes {
        let at = at % answer.len();
        answer[at] ^= byte;
    }
    if let Some(cut) = cut {
        answer.truncate(cut % answer.len());
    }
    answer
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_lines_come_to_an_end(receive in lines(), upload in lines(), answer in lines()) {
        ask(&Canned { receive, upload, answer });
    }

    #[test]
    fn any_answer_comes_to_an_end(answer in lines()) {
        let receive = [line(format!("{ID} refs/heads/main\0report-status side-band-64k\n").as_bytes()), FLUSH.to_vec()];
        let upload = [line(b"version 2\n"), line(b"fetch=filter\n"), FLUSH.to_vec()];
        ask(&Canned { receive: receive.concat(), upload: upload.concat(), answer });
    }

    #[test]
    fn any_report_comes_to_an_end(answer in lines()) {
        let receive = [line(format!("{} x\0report-status side-band-64k\n", "0".repeat(40)).as_bytes()), FLUSH.to_vec()];
        ask(&Canned { receive: receive.concat(), upload: Vec::new(), answer });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_damaged_answer_never_lists_other_files(
        changes in proptest::collection::vec((any::<usize>(), 1_u8..), 0..4),
        cut in proptest::option::of(any::<usize>()),
    ) {
        let (repository, head, listing) = &*GOOD;
        let answered = |service, answer| {
            assert_eq!(service, Service::UploadPack);
            io::Result::Ok(damaged(answer, &changes, cut))
        };
        let remote = Changed { inner: Local(repository.path()), sent: whole, answered };
        if let Ok(found) = git_seed::files(&remote, head, &Silent) {
            prop_assert_eq!(&found, listing);
        }
    }
}
