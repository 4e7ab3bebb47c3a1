//! `tarball build`, of a checkout that is not as committed.

use std::fs;
use std::process::Command;

use crate::repository::{Repository, run};

const DIRTY: &str = "cloudFull_edge-manageability-framework_3.1.0-dirty.tgz";

#[test]
fn changes_are_refused_and_named() {
    let repository = Repository::new();
    repository.write("tools/run.sh", "changed\n");
    fs::remove_file(repository.path("bootstrap/root.yaml")).unwrap();
    repository.write("tools/added", "new\n");
    repository.git(&["add", "tools/added"]);
    repository.build("").run().exits(1).stdout("").stderr(
        "error: the checkout is not as committed: `bootstrap/root.yaml`, `tools/added`, `tools/run.sh`\n\
         help: commit or stash it, or take it as it is with `--dirty`\n",
    );
    assert!(!repository.out("").exists());
}

#[test]
fn what_no_release_has_may_change() {
    let repository = Repository::new();
    repository.write("README.md", "changed\n");
    repository.write("tools/unknown", "new\n");
    let ran = repository.build("").run().exits(0);
    let warning = "warning: Git does not know `tools/unknown`, so the tarball is without\n";
    assert!(ran.errors().starts_with(warning), "{}", ran.errors());
}

#[test]
fn a_state_folder_without_room_is_named() {
    let repository = Repository::new();
    repository.write("tools/run.sh", "changed\n");
    let index = "[ROOT]/emf/.git/index";
    repository.build("--dirty").after("trap '' XFSZ && ulimit -f 0").run().exits(1).stdout("").stderr(format!(
        "error: cannot copy `{index}` to the folder `[ROOT]/.xtask`\ncause: File too large (os error 27)\n\
         help: name a folder that has room with the variable `XTASK_STATE_DIR`\n"
    ));
}

#[test]
fn a_checkout_without_an_index_is_told() {
    let repository = Repository::new();
    fs::remove_file(repository.path(".git/index")).unwrap();
    repository.build("--dirty").run().exits(1).stdout("").stderr(
        "error: cannot read the checkout's index `[ROOT]/emf/.git/index`\n\
         cause: No such file or directory (os error 2)\n\
         help: see what `git status` says there\n",
    );
}

#[test]
fn the_work_tree_is_taken_as_git_would_and_marked() {
    let repository = Repository::new();
    repository.write(".gitattributes", "*.yaml text eol=lf\n");
    repository.write("tools/unknown", "new\n");
    repository.write("argocd/applications/a.yaml", "a: 2\r\n");
    repository.executable("orch-configs/templates/t.tpl");
    fs::remove_file(repository.path("tools/list")).unwrap();
    let before = repository.git(&["count-objects", "-v"]);
    let built = repository.build("--dirty --format json").run().exits(0).json();
    let commit = format!("{}-dirty", repository.head());
    assert_eq!((&built["name"], &built["commit"]), (&DIRTY.into(), &commit.clone().into()));
    let content = |path: &str| {
        let path = format!("edge-manageability-framework/{path}");
        run(Command::new("tar").arg("-xOzf").arg(repository.out(DIRTY)).arg(path))
    };
    assert_eq!(content("VERSION"), "3.1.0-dirty\n");
    assert_eq!(content("COMMIT_ID"), format!("{commit}\n"));
    assert_eq!(content("argocd/applications/a.yaml"), "a: 2\n");
    let listed = run(Command::new("tar").arg("-tvzf").arg(repository.out(DIRTY)));
    assert!(!listed.contains("tools/unknown") && !listed.contains("tools/list"), "{listed}");
    assert!(listed.lines().any(|line| line.starts_with("-rwxr-xr-x") && line.ends_with("t.tpl")), "{listed}");
    // Nothing of that is in the repository, nor left in the state directory.
    assert_eq!(repository.git(&["count-objects", "-v"]), before);
    assert_eq!(repository.git(&["diff", "--cached", "--name-only"]), "");
    let state = fs::read_dir(repository.checkout.root().join(".xtask")).unwrap();
    assert_eq!(state.count(), 0);
}

#[test]
fn a_clean_one_is_not_marked() {
    let repository = Repository::new();
    let built = repository.build("--dirty --format json").run().exits(0).json();
    assert_eq!((&built["version"], &built["commit"]), (&"3.1.0".into(), &repository.head().into()));
}
