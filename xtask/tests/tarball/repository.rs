//! A checkout of the orchestrator's repository, as small as one can be.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Checkout;

/// What a tarball of it is called.
pub const NAME: &str = "cloudFull_edge-manageability-framework_3.1.0.tgz";
/// When it was committed, in seconds since 1970.
pub const DATE: u64 = 1_750_000_000;

/// Files that a release has, in the order of a tarball.
pub const FILES: [(&str, &str); 8] = [
    ("VERSION", "3.1.0\n"),
    ("argocd/applications/a.yaml", "a: 1\n"),
    ("bootstrap/root.yaml", "root: 1\n"),
    ("orch-configs/clusters/dev.yaml", "dev: 1\n"),
    ("orch-configs/profiles/p.yaml", "p: 1\n"),
    ("orch-configs/templates/t.tpl", "t\n"),
    ("tools/list", "a.yaml"),
    ("tools/run.sh", "#!/bin/sh\r\necho run\r\n"),
];

/// A checkout of this program, with one of the orchestrator's in `emf`.
pub struct Repository {
    pub checkout: Checkout,
}

impl Repository {
    /// With all of [`FILES`] committed, and one that no release has.
    pub fn new() -> Self {
        let repository = Self { checkout: Checkout::new() };
        for (path, text) in FILES {
            repository.write(path, text);
        }
        fs::remove_file(repository.path("tools/list")).unwrap();
        std::os::unix::fs::symlink("a.yaml", repository.path("tools/list")).unwrap();
        repository.executable("tools/run.sh");
        repository.write("README.md", "not in a release\n");
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.commit();
        repository
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.checkout.root().join("emf").join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        self.checkout.write(&format!("emf/{path}"), text);
    }

    pub fn executable(&self, path: &str) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Commits all that is there.
    pub fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=x"]);
    }

    /// What Git says, run in the checkout.
    pub fn git(&self, args: &[&str]) -> String {
        git(&self.path(""), args)
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// The call `tarball build` into `out`, with more words.
    pub fn build(&self, words: &str) -> crate::support::Call {
        let words = format!("tarball build --from emf --output out {words}");
        self.checkout.xtask(words.split_whitespace())
    }

    /// A tarball in `out`.
    pub fn out(&self, name: &str) -> PathBuf {
        self.checkout.root().join("out").join(name)
    }
}

/// Git, told nothing by its user.
pub fn git(folder: &Path, args: &[&str]) -> String {
    let date = format!("{DATE} +0200");
    let mut git = Command::new("git");
    git.args(args).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{who}_NAME"), "me").env(format!("GIT_{who}_EMAIL"), "me@localhost");
        git.env(format!("GIT_{who}_DATE"), &date);
    }
    run(&mut git)
}

/// What a program says, which must succeed.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}
