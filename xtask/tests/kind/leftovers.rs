//! Up and down, again and again: nothing is left, in none of the rounds.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::files;
use crate::workspace::Workspace;

/// How often.
const ROUNDS: usize = 20;
/// Of these, one has samples: they are the same daemons and Services each time,
/// and most of what a round takes.
const WITH_SAMPLES: usize = 10;

/// All files of the workspace, in the home of its user, and temporary ones.
fn all_files(workspace: &Workspace) -> BTreeSet<PathBuf> {
    let mut all: BTreeSet<_> = files::below(workspace.root()).into_keys().collect();
    // What Helm knows of each API server, by its address: Helm's own.
    all.retain(|file| !file.starts_with(workspace.home().join(".kube/cache")));
    all
}

/// Where those go that the system gives no other place.
fn in_tmp() -> BTreeSet<PathBuf> {
    let user = PathBuf::from(format!("/tmp/xtask-{}", rustix::process::geteuid().as_raw()));
    files::below(&user).into_keys().collect()
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn nothing_is_left_of_many_rounds() {
    let workspace = Workspace::new();
    let config = workspace.home().join(".kube/config");
    let before = in_tmp();
    let mut files: Option<BTreeSet<PathBuf>> = None;
    for round in 0..ROUNDS {
        let samples: &[&str] = if round % WITH_SAMPLES == 0 { &["--with-samples"] } else { &[] };
        workspace.up(samples).run().exits(0);
        workspace.call(&["kind", "up", "--merge"]).run().exits(0);
        let context = format!("kind-{}", workspace.cluster());
        assert!(fs::read_to_string(&config).unwrap().contains(&context));
        let volumes = workspace.volumes();
        assert_eq!((workspace.containers().len(), volumes.len()), (2, 1), "round {round}");

        workspace.call(&["down"]).run().exits(0);
        workspace.assert_gone();
        let left = workspace.docker(&["volume", "ls", "--quiet"]);
        assert!(!left.contains(&volumes[0]), "round {round}: {left}");
        // Compose's files are kept, from the first round on.
        let now = all_files(&workspace);
        assert_eq!(files.get_or_insert_with(|| now.clone()), &now, "round {round}");
        assert!(in_tmp().is_subset(&before), "round {round}: {:?}", in_tmp());
    }
    assert!(!config.exists(), "nobody else had a context there");
}
