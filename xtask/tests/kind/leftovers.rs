//! Up and down, again and again: nothing is left, in none of the rounds.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::files;
use crate::workspace::Workspace;

/// How often.
const ROUNDS: usize = 20;
/// One round of so many is of the whole platform, by turns with and without
/// samples. The others are of a cluster alone, which is most of what is made,
/// and half of the time.
const WHOLE: usize = 4;

/// All files of the workspace; the home of its user and the folder of temporary
/// files are among them.
fn all_files(workspace: &Workspace) -> BTreeSet<PathBuf> {
    let mut all: BTreeSet<_> = files::below(workspace.root()).into_keys().collect();
    // What Helm knows of each API server, by its address: Helm's own.
    all.retain(|file| !file.starts_with(workspace.home().join(".kube/cache")));
    all
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn nothing_is_left_of_many_rounds() {
    let workspace = Workspace::new();
    let config = workspace.home().join(".kube/config");
    let mut files: Option<BTreeSet<PathBuf>> = None;
    for round in 0..ROUNDS {
        let whole = round.is_multiple_of(WHOLE);
        if whole {
            let samples: &[&str] = if (round / WHOLE).is_multiple_of(2) { &["--with-samples"] } else { &[] };
            workspace.up(samples).run().exits(0);
        }
        workspace.call(&["kind", "up", "--merge"]).run().exits(0);
        let context = format!("kind-{}", workspace.cluster());
        assert!(fs::read_to_string(&config).unwrap().contains(&context));
        let volumes = workspace.volumes();
        let containers = if whole { 2 } else { 1 };
        assert_eq!((workspace.containers().len(), volumes.len()), (containers, 1), "round {round}");

        workspace.call(&["down"]).run().exits(0);
        workspace.assert_gone();
        let left = workspace.docker(&["volume", "ls", "--quiet"]);
        assert!(!left.contains(&volumes[0]), "round {round}: {left}");
        // Compose's files are kept, from the first round on.
        let now = all_files(&workspace);
        assert_eq!(files.get_or_insert_with(|| now.clone()), &now, "round {round}");
    }
    assert!(!config.exists(), "nobody else had a context there");
}
