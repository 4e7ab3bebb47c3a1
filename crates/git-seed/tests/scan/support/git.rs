//! Real Git, to compare with.

#![allow(clippy::disallowed_methods, reason = "tests start Git")]

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
            .output()
            .unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The tree of everything in the folder.
    pub fn tree(&self) -> String {
        self.run(&["add", "--all", "--force", "."]);
        self.run(&["write-tree"]).trim().to_owned()
    }
}
