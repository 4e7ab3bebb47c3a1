//! Real Git, to compare with.

#![allow(clippy::disallowed_methods, reason = "tests start Git")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A repository that knows nothing of the user's settings.
pub struct Git {
    pub folder: TempDir,
}

impl Git {
    pub fn new() -> Self {
        let git = Self { folder: TempDir::new().unwrap() };
        git.run(&["init", "--quiet"]);
        git.run(&["config", "core.protectNTFS", "false"]);
        git
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What Git prints; the test fails if Git does.
    pub fn run(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(args)
            .current_dir(self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("HOME", self.path())
            .envs(["AUTHOR", "COMMITTER"].iter().flat_map(|who| {
                [("NAME", "x"), ("EMAIL", "x@x"), ("DATE", "1700000000 +0000")]
                    .map(|(what, value)| (format!("GIT_{who}_{what}"), value))
            }))
            .output()
            .unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Writes a file, and the folders that it lies in.
    pub fn write(&self, path: &str, content: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes a file that can be run.
    pub fn executable(&self, path: &str, content: &str) {
        self.write(path, content);
        fs::set_permissions(self.path().join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Commits everything in the folder, at a fixed time.
    pub fn commit(&self) {
        self.tree();
        self.run(&["commit", "--quiet", "--message=x"]);
    }

    /// The tree of everything in the folder.
    pub fn tree(&self) -> String {
        self.run(&["add", "--all", "--force", "."]);
        self.run(&["write-tree"]).trim().to_owned()
    }
}
