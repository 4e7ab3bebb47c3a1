//! What the unit does to a cluster, line by line, for no systemd runs here.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::cluster::{Cluster, REPOSITORY};
use crate::debian::Debian;
use crate::made::{first, second};
use crate::unit::{UNIT, Unit};

const STATE: &str = "var/lib/xtask-gitea-seed";
const PROFILE: &str = "etc/xtask-gitea-seed/profiles/onprem.toml";
const SEEDED: &str = "var/lib/xtask-gitea-seed/seeded";

/// What systemd makes before it runs the unit.
fn make_state(debian: &Debian) {
    let state = debian.path(STATE);
    fs::create_dir_all(&state).unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o700)).unwrap();
}

/// Runs the lines of the unit up to the first that fails: its exit status.
fn tried(debian: &Debian) -> Result<(), (i32, String)> {
    let unit = Unit::read(&debian.path(""));
    assert_eq!(unit.commands.len(), 3);
    for line in &unit.commands {
        let output = debian.execute(&unit, line);
        if !output.status.success() {
            return Err((output.status.code().unwrap(), format!("{line:?}: {output:?}")));
        }
    }
    Ok(())
}

/// All lines of the unit, each of which must succeed.
#[track_caller]
fn run(debian: &Debian) {
    tried(debian).unwrap();
    assert!(debian.path(SEEDED).exists());
}

#[test]
#[ignore = "needs a Debian: `cargo xtask test package`"]
fn each_release_is_one_commit_on_top_of_what_is_there() {
    let debian = Debian::new();
    debian.install(first());
    make_state(&debian);
    let cluster = Cluster::of(&debian);
    cluster.install_gitea();
    run(&debian);
    let seeded = cluster.head().expect("a commit");
    assert_eq!(cluster.gitea.git(REPOSITORY, &["show", "main:VERSION"]).trim(), "v2026.1.0-rc1");

    // The same release again.
    debian.install(first());
    assert!(!debian.path(SEEDED).exists());
    run(&debian);
    assert_eq!(cluster.head().as_ref(), Some(&seeded));

    // Somebody commits, and the next release comes.
    let theirs = cluster.gitea.commit(REPOSITORY, "main", &[("theirs.yaml", "a: 1\n")]);
    debian.install(second());
    run(&debian);
    let parents = cluster.gitea.git(REPOSITORY, &["log", "--format=%H %P", "main"]);
    let newest = cluster.head().unwrap();
    let lines: Vec<&str> = parents.lines().collect();
    assert_eq!(lines.len(), 3, "{parents}");
    assert_eq!(lines[..2], [format!("{newest} {theirs}"), format!("{theirs} {seeded}")]);
    assert_eq!(cluster.gitea.git(REPOSITORY, &["show", "main:VERSION"]).trim(), "v2026.1.0");

    // Nothing in the cluster goes with the package.
    debian.succeeds(&["dpkg", "--purge", "xtask-gitea-seed"]);
    assert_eq!(cluster.head(), Some(newest));
    assert!(cluster.kube.get("Secret", "gitea", "argocd-gitea-credential").is_some());
}

#[test]
#[ignore = "needs a Debian: `cargo xtask test package`"]
fn what_is_not_there_yet_is_tried_again() {
    let debian = Debian::new();
    debian.install(first());
    make_state(&debian);
    let text = fs::read_to_string(debian.path(UNIT)).unwrap();
    let given_up = text.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus=")).unwrap();
    let given_up: Vec<i32> = given_up.split(' ').map(|status| status.parse().unwrap()).collect();
    let is_tried_again = |why: &str| {
        let (status, said) = tried(&debian).expect_err(why);
        assert!(!given_up.contains(&status), "{said}");
        assert!(!debian.path(SEEDED).exists());
    };
    is_tried_again("no RKE2");
    let cluster = Cluster::of(&debian);
    is_tried_again("no Gitea");
    cluster.install_gitea();
    run(&debian);
    assert!(cluster.head().is_some());

    // A profile that is not understood stays so.
    fs::write(debian.path(PROFILE), "name = \"onprem\"\n").unwrap();
    let (status, said) = tried(&debian).expect_err("no profile");
    assert!(given_up.contains(&status), "{said}");
}
