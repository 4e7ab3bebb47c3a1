//! A client: the git that users have, and plain HTTP.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests panic, and start git")]
#![allow(dead_code, reason = "each file of tests uses what it needs")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use fake_gitea::{ADMIN, ADMIN_PASSWORD, FakeGitea};
use tempfile::TempDir;

/// How long anything may take before a test fails.
pub const LIMIT: Duration = Duration::from_mins(1);
/// The repository that tests push to.
pub const INFRA: &str = "gitea_admin/infra";

/// A server with an empty repository.
pub fn gitea() -> FakeGitea {
    let gitea = FakeGitea::start();
    gitea.add_repository(ADMIN, "infra");
    gitea
}

/// The URL of a repository with the administrator's password in it.
pub fn with_password(gitea: &FakeGitea, repository: &str) -> String {
    let url = gitea.clone_url(repository);
    url.replacen("://", &format!("://{ADMIN}:{ADMIN_PASSWORD}@"), 1)
}

/// A folder for clones.
pub struct Client {
    dir: TempDir,
}

/// What git did.
pub struct Ran {
    pub is_ok: bool,
    /// All that it printed.
    pub text: String,
}

impl Client {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A work tree with one commit of these files on `main`.
    pub fn tree(&self, name: &str, files: &[(&str, &[u8])]) -> PathBuf {
        let tree = self.path().join(name);
        fs::create_dir(&tree).unwrap();
        self.git(&tree, &["init", "--quiet", "--initial-branch=main"]).ok();
        for (path, content) in files {
            fs::write(tree.join(path), content).unwrap();
        }
        self.git(&tree, &["add", "."]).ok();
        self.git(&tree, &["commit", "--quiet", "--message=one"]).ok();
        tree
    }

    pub fn git(&self, dir: &Path, args: &[&str]) -> Ran {
        let author = ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"];
        let Output { status, stdout, stderr } = Command::new("git")
            .args(args)
            .current_dir(dir)
            .envs(author.map(|name| (name, "someone")))
            .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("LC_ALL", "C")])
            .envs([("GIT_TERMINAL_PROMPT", "0"), ("GIT_ASKPASS", "true")])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
        Ran { is_ok: status.success(), text }
    }
}

impl Ran {
    /// What it printed, if it succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(self.is_ok, "{}", self.text);
        self.text
    }

    /// What it printed, if it failed and said this.
    #[track_caller]
    pub fn fails(self, expected: &str) {
        assert!(!self.is_ok && self.text.contains(expected), "not `{expected}`: {}", self.text);
    }
}
