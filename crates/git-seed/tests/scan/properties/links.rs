//! Links of a release that was taken, followed by the system, stay in the tree.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use git_seed::{Mode, Release, Rules, Silent, blobs, scan};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use crate::support::Memory;
use crate::support::tar::{Member, archive, file, folder, hard_link, link};

/// Members made of what could be dangerous together.
fn members() -> impl Strategy<Value = Vec<Member>> {
    let name = || select(vec!["a", "b", "c", "a/b", "b/c", "a/b/c"]);
    let target = vec(select(vec!["a", "b", "c", "..", "..", ".", "", ".git"]), 1..6);
    let path = move || name().prop_map(|path| format!("top/{path}"));
    let member = prop_oneof![
        1 => path().prop_map(|path| file(path, "x")),
        6 => (path(), target.prop_map(|parts| parts.join("/"))).prop_map(|(path, target)| link(path, target)),
        1 => (path(), path()).prop_map(|(path, target)| hard_link(path, target)),
        1 => path().prop_map(folder),
    ];
    vec(member, 1..6)
}

/// Writes a release, without contents, into `root`, where what lies around it
/// can be reached, and follows each of its links.
fn follow(release: &Release, targets: &HashMap<String, String>, around: &Path) -> Result<(), TestCaseError> {
    for path in ["a/b/c", "b/c", "c/a", "top/a", "a/root/a"] {
        fs::create_dir_all(around.join(path)).unwrap();
    }
    let root = around.join("a/root");
    for file in &release.files {
        let path = root.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if file.mode == Mode::Link {
            // The folder that is there for those who come from outside.
            let _ = fs::remove_dir(&path);
            symlink(&targets[&file.path], &path).unwrap();
        } else if !path.is_dir() {
            fs::write(&path, "x").unwrap();
        }
    }
    let root = root.canonicalize().unwrap();
    for path in targets.keys() {
        if let Ok(end) = root.join(path).canonicalize() {
            prop_assert!(end.starts_with(&root), "{} leads to {}", path, end.display());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 1 << 16, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn stay_in_the_tree(members in members()) {
        let origin = Memory::new(archive(&members)).origin();
        let release = scan(&origin, &Rules::default(), &Silent);
        prop_assume!(release.is_ok());
        let release = release.unwrap();
        let mut contents = HashMap::new();
        blobs(&origin, &release, &|_| true, &Silent, &mut |file, content| {
            contents.insert(file.id, std::io::read_to_string(content)?);
            Ok(())
        }).unwrap();
        let links = release.files.iter().filter(|file| file.mode == Mode::Link);
        let targets = links.map(|file| (file.path.clone(), contents[&file.id].clone())).collect();
        follow(&release, &targets, TempDir::new().unwrap().path())?;
    }
}
