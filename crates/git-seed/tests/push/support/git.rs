//! Real Git, with a configuration of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A bare repository that goes with its value.
pub struct Repository {
    folder: tempfile::TempDir,
}

/// A command of Git's that neither the user's nor the system's configuration changes.
#[expect(clippy::disallowed_methods, reason = "tests compare with real Git")]
pub fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0");
    for (who, value) in [("AUTHOR_NAME", "Ada"), ("AUTHOR_EMAIL", "ada@example"), ("COMMITTER_NAME", "Ada")] {
        command.env(format!("GIT_{who}"), value);
    }
    command.env("GIT_COMMITTER_EMAIL", "ada@example").stdin(Stdio::null());
    command
}

impl Repository {
    /// An empty one, whose server can leave objects out of its packs.
    pub fn new() -> Self {
        let repository = Self::without_filters();
        repository.git(&["config", "uploadpack.allowFilter", "true"]);
        repository
    }

    /// An empty one, as Git makes it.
    pub fn without_filters() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = Self { folder };
        repository.git(&["init", "--quiet", "--bare", "--initial-branch=main", "."]);
        repository
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// What Git prints, without the last line's end.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = git(self.folder.path(), arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {errors}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// The commit that `main` is at; empty if there is none.
    pub fn head(&self) -> String {
        self.git(&["for-each-ref", "--format=%(objectname)", "refs/heads/main"])
    }

    /// The ids of all commits of `main`, newest first.
    pub fn history(&self) -> Vec<String> {
        self.git(&["rev-list", "main"]).lines().map(str::to_owned).collect()
    }

    /// Everything is as Git wants it.
    pub fn check(&self) {
        self.git(&["fsck", "--strict", "--full"]);
    }

    /// Paths, modes and ids of `main`, one a line.
    pub fn files(&self) -> Vec<String> {
        self.git(&["ls-tree", "-r", "main"]).lines().map(str::to_owned).collect()
    }

    /// Another writer's commit on top of `main`, which changes no file.
    pub fn foreign_commit(&self, message: &str) -> String {
        let empty = || self.git(&["hash-object", "-t", "tree", "-w", "/dev/null"]);
        let head = self.head();
        let commit = if head.is_empty() {
            self.git(&["commit-tree", &empty(), "-m", message])
        } else {
            self.git(&["commit-tree", "main^{tree}", "-p", "main", "-m", message])
        };
        self.git(&["update-ref", "refs/heads/main", &commit]);
        commit
    }

    /// Makes a hook of a few lines of shell.
    pub fn hook(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.path().join("hooks").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}
