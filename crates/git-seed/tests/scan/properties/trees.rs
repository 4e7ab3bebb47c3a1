//! Any tree of files, as an archive and as a folder, is what Git makes of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use git_seed::{File, Mode, ObjectId, Origin, Release, Rules, Silent, blobs, scan, trees};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::git::Git;
use crate::support::tar::{Member, archive, file, link, long, pax};
use crate::support::{Memory, gzip, zstd};

/// What is at a path.
#[derive(Clone, Debug)]
enum Node {
    File(Vec<u8>, bool),
    Link(String),
}

/// Names whose order as folders is not their order as files, and a long one.
fn name() -> impl Strategy<Value = String> {
    let names = ["a", "a.b", "a-b", "a0", "ab", "b", "é", "Z"].map(str::to_owned);
    select([&names[..], &["n".repeat(70)]].concat())
}

fn node() -> impl Strategy<Value = Node> {
    prop_oneof![
        4 => (vec(any::<u8>(), 0..1500), any::<bool>()).prop_map(|(content, x)| Node::File(content, x)),
        1 => select(vec!["x", "y/x", "./x", "x//y/"]).prop_map(|target| Node::Link(target.to_owned())),
    ]
}

/// Files whose paths are no folders of others.
fn tree() -> impl Strategy<Value = BTreeMap<String, Node>> {
    let path = vec(name(), 1..5).prop_map(|names| names.join("/"));
    btree_map(path, node(), 1..25).prop_map(|mut nodes| {
        let folders: BTreeSet<String> = nodes
            .keys()
            .flat_map(|path| path.match_indices('/').map(|(at, _)| path[..at].to_owned()).collect::<Vec<_>>())
            .collect();
        nodes.retain(|path, _| !folders.contains(path));
        nodes
    })
}

fn member(path: &str, node: &Node, by_record: bool) -> Vec<Member> {
    let path = format!("top/{path}");
    let short = if path.len() > 100 { "short" } else { &path };
    let member = match node {
        Node::File(content, executable) => file(short, content).mode(if *executable { 0o755 } else { 0o640 }),
        Node::Link(target) => link(short, target),
    };
    match (short == path, by_record) {
        (true, _) => vec![member],
        (_, true) => vec![pax(b'x', &[("path", path.as_bytes())]), member],
        (_, false) => vec![long(b'L', &path), member],
    }
}

fn write(root: &Path, path: &str, node: &Node) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    match node {
        Node::File(content, executable) => {
            fs::write(&path, content).unwrap();
            let mode = if *executable { 0o755 } else { 0o644 };
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        Node::Link(target) => symlink(target, &path).unwrap(),
    }
}

fn compressed(tar: Vec<u8>, how: u8) -> Vec<u8> {
    match how {
        0 => tar,
        1 => gzip(&tar),
        _ => zstd(&tar),
    }
}

#[track_caller]
fn is_what_git_makes(release: &Release, git: &Git) {
    let root = git.tree();
    let listed = git.run(&["ls-tree", "-r", "-t", "-z", &root]);
    let (their_trees, their_blobs): (BTreeSet<&str>, BTreeSet<&str>) =
        listed.split_terminator('\0').partition(|line| line.starts_with("040000"));

    let blob = |file: &File| format!("{} blob {}\t{}", octal(file.mode), file.id, file.path);
    let our_blobs: BTreeSet<String> = release.files.iter().map(blob).collect();
    assert_eq!(our_blobs.iter().map(String::as_str).collect::<BTreeSet<_>>(), their_blobs);

    let ours: Vec<_> = trees(release).collect();
    let ids: Vec<String> = ours.iter().map(|(id, _)| id.to_string()).collect();
    let theirs = their_trees.iter().map(|line| line["040000 tree ".len()..][..40].to_owned());
    let theirs: BTreeSet<String> = theirs.chain([root.clone()]).collect();
    assert_eq!((ids.len(), ids.last()), (theirs.len(), Some(&root)));
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), theirs);
    assert_eq!(release.tree.to_string(), root);
    children_come_first(&ours);
}

fn octal(mode: Mode) -> &'static str {
    match mode {
        Mode::Plain => "100644",
        Mode::Executable => "100755",
        Mode::Link => "120000",
    }
}

fn children_come_first(trees: &[(ObjectId, Vec<u8>)]) {
    let places: HashMap<_, _> =
        trees.iter().enumerate().map(|(place, (id, _))| (id.as_slice(), place)).collect();
    for (place, (_, content)) in trees.iter().enumerate() {
        let children = content.windows(20).filter_map(|id| places.get(id));
        assert!(children.into_iter().all(|child| *child < place));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn trees_are_those_of_git(
        nodes in tree().prop_flat_map(|nodes| {
            let shuffled = Just(nodes.clone().into_iter().collect::<Vec<_>>()).prop_shuffle();
            (Just(nodes), shuffled)
        }),
        how in 0_u8..3,
        by_record in any::<bool>(),
    ) {
        let (nodes, shuffled) = nodes;
        let git = Git::new();
        for (path, node) in &nodes {
            write(git.path(), path, node);
        }
        let members: Vec<Member> = shuffled.iter().flat_map(|(path, node)| member(path, node, by_record)).collect();
        let origin = Memory::new(compressed(archive(&members), how)).origin();
        let release = scan(&origin, &Rules::default(), &Silent).unwrap();
        is_what_git_makes(&release, &git);
        git.run(&["fsck", "--strict", "--no-dangling"]);

        let folder = Origin::Folder(git.path().to_owned());
        prop_assert_eq!(scan(&folder, &Rules::default(), &Silent).unwrap().tree, release.tree);

        let mut shown = BTreeMap::new();
        blobs(&origin, &release, &|_| true, &Silent, &mut |file, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            shown.insert(file.id, bytes);
            Ok(())
        }).unwrap();
        for file in &release.files {
            let expected = match &nodes[&file.path] {
                Node::File(content, _) => content,
                Node::Link(target) => &target.clone().into_bytes(),
            };
            prop_assert_eq!(&shown[&file.id], expected);
        }
    }
}
