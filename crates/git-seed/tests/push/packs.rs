//! The pack that is sent, and packs that come.

use std::io::Write;
use std::process::Stdio;
use std::sync::Mutex;

use crate::support::Tree;
use crate::support::git::{Repository, git};
use crate::support::local::Local;
use crate::support::wrappers::{Changed, whole};
use git_seed::{Mode, Service, Silent};

#[test]
fn git_finds_nothing_wrong_with_the_pack() {
    let repository = Repository::new();
    let sent = Mutex::new(Vec::new());
    let record = |service, body: Box<dyn std::io::Read + Send + '_>| {
        let body = whole(service, body);
        if service == Service::ReceivePack {
            sent.lock().unwrap().clone_from(&body);
        }
        body
    };
    let remote = Changed { inner: Local(repository.path()), sent: record, answered: |_, answer| Ok(answer) };
    let long = "x".repeat(5_000_000);
    let tree = Tree::new(&[
        ("empty", ""),
        ("a", "a"),
        ("fifteen", "123456789012345"),
        ("long", &long),
        ("again/a", "a"),
    ]);
    let seeded = tree.seed(&remote).unwrap();
    assert!(matches!(seeded.outcome, git_seed::Outcome::Committed { objects: 7, .. }), "{seeded:?}");
    let body = sent.into_inner().unwrap();
    let pack = &body[body.windows(4).position(|window| window == b"PACK").unwrap()..];
    let other = Repository::new();
    let mut child = git(&other.path(), &["index-pack", "--strict", "--stdin"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(pack).unwrap();
    assert!(child.wait().unwrap().success());
    repository.check();
}

/// A repository with many folders that hardly differ, packed with deltas.
fn deltified() -> Repository {
    let repository = Repository::new();
    let names: Vec<_> =
        (0..40).flat_map(|folder| (0..60).map(move |file| format!("d{folder}/e/file{file}"))).collect();
    let contents: Vec<_> = (0..names.len())
        .map(|index| if index % 61 == 0 { index.to_string() } else { "x".to_owned() })
        .collect();
    let files: Vec<_> = names.iter().zip(&contents).map(|(name, content)| (&**name, &**content)).collect();
    Tree::new(&files).seed(&Local(repository.path())).unwrap();
    repository.git(&["repack", "-adfq", "--depth=20", "--window=50"]);
    let packs = repository.git(&["count-objects", "-v"]);
    assert!(packs.contains("packs: 1") && packs.contains("count: 0"), "{packs}");
    repository
}

fn listed(repository: &Repository, remote: &dyn git_seed::Remote) {
    let head = git_seed::head(remote, "main", &Silent).unwrap().unwrap();
    let listing = git_seed::files(remote, &head, &Silent).unwrap();
    let mut found: Vec<_> =
        listing.files.iter().map(|file| format!("100644 blob {}\t{}", file.id, file.path)).collect();
    let mut expected = repository.files();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let trees = repository.git(&["ls-tree", "-rt", "--format=%(objecttype) %(objectname)", "main"]);
    let mut trees: std::collections::HashSet<_> =
        trees.lines().filter_map(|line| line.strip_prefix("tree ")).collect();
    let root = repository.git(&["rev-parse", "main^{tree}"]);
    trees.insert(&root);
    assert_eq!(listing.trees.len(), trees.len());
    assert!(listing.trees.iter().all(|tree| trees.contains(&*tree.to_string())));
}

/// The last answer, when `line` is left out of each request.
fn answer(repository: &Repository, line: &[u8]) -> Vec<u8> {
    let pack = Mutex::new(Vec::new());
    let sent = |service, body: Box<dyn std::io::Read + Send + '_>| remove(&whole(service, body), line);
    let answered = |_, answer: Vec<u8>| {
        pack.lock().unwrap().clone_from(&answer);
        Ok(answer)
    };
    listed(repository, &Changed { inner: Local(repository.path()), sent, answered });
    pack.into_inner().unwrap()
}

fn remove(body: &[u8], line: &[u8]) -> Vec<u8> {
    match body.windows(line.len()).position(|window| window == line) {
        Some(at) => [&body[..at], &body[at + line.len()..]].concat(),
        None => body.to_vec(),
    }
}

/// How many deltas Git finds in a pack that was sent on bands.
fn deltas(answer: &[u8]) -> usize {
    let other = Repository::new();
    let mut pack = Vec::new();
    let mut rest = &answer[answer.windows(9).position(|window| window == b"packfile\n").unwrap() + 9..];
    while let Ok(size @ 5..) = usize::from_str_radix(std::str::from_utf8(&rest[..4]).unwrap(), 16) {
        if rest[4] == 1 {
            pack.extend_from_slice(&rest[5..size]);
        }
        rest = &rest[size..];
    }
    let mut child = git(&other.path(), &["index-pack", "--stdin"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&pack).unwrap();
    assert!(child.wait().unwrap().success());
    let folder = other.path().join("objects/pack");
    let mut entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let index = entries.find(|path| path.extension().is_some_and(|end| end == "idx")).unwrap();
    let listing = other.git(&["verify-pack", "-v", index.to_str().unwrap()]);
    listing.lines().filter(|line| line.split_whitespace().count() == 7).count()
}

#[test]
fn deltas_by_place_and_by_id_are_resolved() {
    let repository = deltified();
    assert!(deltas(&answer(&repository, b"no such line")) > 10);
    assert!(deltas(&answer(&repository, b"000eofs-delta\n")) > 10);
}

#[test]
fn a_server_without_filters_is_listed_as_well() {
    let repository = deltified();
    repository.git(&["config", "uploadpack.allowFilter", "false"]);
    listed(&repository, &Local(repository.path()));
}

#[test]
fn modes_and_submodules_are_told() {
    let repository = Repository::new();
    let blob = repository.git(&["hash-object", "-t", "blob", "-w", "/dev/null"]);
    let commit = "1".repeat(40);
    let entries = [("100755", &blob, "run"), ("120000", &blob, "link"), ("160000", &commit, "module")];
    for (mode, id, path) in entries {
        repository.git(&["update-index", "--add", "--cacheinfo", &format!("{mode},{id},{path}")]);
    }
    let tree = repository.git(&["write-tree"]);
    let commit = repository.git(&["commit-tree", &tree, "-m", "by hand\n\nRelease-Digest: none"]);
    repository.git(&["update-ref", "refs/heads/main", &commit]);
    let remote = Local(repository.path());
    let head = git_seed::head(&remote, "main", &Silent).unwrap().unwrap();
    assert_eq!((&*head.author, head.release), ("Ada <ada@example>", None));
    let head = git_seed::head(&remote, "main", &Silent).unwrap().unwrap();
    let listing = git_seed::files(&remote, &head, &Silent).unwrap();
    let modes: Vec<_> = listing.files.iter().map(|file| (&*file.path, file.mode)).collect();
    assert_eq!(modes, [("link", Mode::Link), ("run", Mode::Executable)]);
    assert_eq!(listing.submodules, ["module"]);
}
