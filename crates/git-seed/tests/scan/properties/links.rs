//! Links of a release that was taken, followed by the system, stay in the tree.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::symlink;

use git_seed::{File, Release, Rules, Silent, blobs, scan};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use crate::support::Memory;
use crate::support::tar::{Member, archive, link};

/// Links up from folders, and links at the root that go through others.
fn members() -> impl Strategy<Value = Vec<Member>> {
    let deep = || select(vec![".", "..", "../..", "../a", "../../a", "../../b/..", "../e/.."]);
    let through = select(vec!["a", "b", "d/e", "d/g/h", "d/g/h/d/e"]);
    let onward = select(vec!["", "/.", "/..", "/../x", "/../.."]);
    let at_root = (through, onward).prop_map(|(through, onward)| format!("{through}{onward}"));
    (vec(at_root, 2), vec(deep(), 2)).prop_map(|(at_root, deep)| {
        let targets = at_root.into_iter().chain(deep.into_iter().map(str::to_owned));
        let paths = ["top/a", "top/b", "top/d/e", "top/d/g/h"];
        paths.into_iter().zip(targets).map(|(path, target)| link(path, target)).collect()
    })
}

/// Writes the links of a release into a folder, and follows each of them.
fn follow(release: &Release, targets: &HashMap<String, String>) -> Result<(), TestCaseError> {
    let around = TempDir::new().unwrap();
    let root = around.path().canonicalize().unwrap().join("root");
    for file in &release.files {
        let path = root.join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(&targets[&file.path], &path).unwrap();
    }
    for path in targets.keys() {
        if let Ok(end) = root.join(path).canonicalize() {
            prop_assert!(end.starts_with(&root), "{} leads to {}", path, end.display());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 1 << 16, ..ProptestConfig::with_cases(300) })]

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
        let target = |file: &File| (file.path.clone(), contents[&file.id].clone());
        follow(&release, &release.files.iter().map(target).collect())?;
    }
}
