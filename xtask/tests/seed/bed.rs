//! A checkout whose Git server is looked at with Git's own program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::archive::{Archive, noise};
use crate::fixture::{Platform, processes};
use crate::support::Call;

/// A checkout, and its repository.
pub struct Bed {
    pub platform: Platform,
}

impl Bed {
    pub fn new() -> Self {
        Self { platform: Platform::new() }
    }

    /// Brought up, with the sample.
    #[track_caller]
    pub fn up() -> Self {
        let bed = Self::new();
        bed.platform.json(["up"]);
        bed
    }

    pub fn root(&self) -> &Path {
        self.platform.root()
    }

    pub fn repository(&self) -> PathBuf {
        self.platform.state("repositories/argocd/edge-manageability-framework.git")
    }

    /// Puts an archive into the checkout; its path, as an argument.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.root().join(name);
        fs::write(&path, bytes).unwrap();
        path.into_os_string().into_string().unwrap()
    }

    /// The same with a release of this version.
    pub fn release(&self, version: &str, files: &[(&str, &str)]) -> String {
        let archive = Archive::release(version, files.iter().copied());
        self.put(&format!("{version}.tgz"), archive.tgz())
    }

    /// A release of so many megabytes that do not compress, in files of 64 KiB.
    pub fn large_release(&self, version: &str, megabytes: u64) -> String {
        let seed = version.bytes().fold(7_u64, |seed, byte| seed * 257 + u64::from(byte));
        let archive = (0..megabytes * 16).fold(Archive::release(version, []), |archive, number| {
            archive.file(&format!("emf/data/{number}"), noise(seed + number, 64 << 10))
        });
        self.put(&format!("{version}.tar"), archive.tar())
    }

    /// A call of `gitea seed`.
    pub fn seed(&self, tarball: &str) -> Call {
        self.platform.xtask(["gitea", "seed", "--tarball", tarball])
    }

    /// A seeding that must succeed, and its answer.
    #[track_caller]
    pub fn seeded(&self, tarball: &str) -> Value {
        self.platform.json(["gitea", "seed", "--tarball", tarball])
    }

    /// What Git says of the repository; the test fails if Git does.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> String {
        succeeded(&run_git(
            self.root(),
            &[&["--git-dir", self.repository().to_str().unwrap()], args].concat(),
        ))
    }

    /// The newest commit, if there is one.
    pub fn head(&self) -> Option<String> {
        let repository = self.repository();
        let args = ["--git-dir", repository.to_str().unwrap(), "rev-parse", "--verify", "-q", "main"];
        let output = run_git(self.root(), &args);
        let id = String::from_utf8(output.stdout).unwrap();
        output.status.success().then(|| id.trim().to_owned())
    }

    /// The first lines of all commits, oldest first. The history has no merges.
    #[track_caller]
    pub fn subjects(&self) -> Vec<String> {
        assert_eq!(self.git(&["log", "--merges", "main"]), "");
        self.git(&["log", "--reverse", "--format=%s", "main"]).lines().map(str::to_owned).collect()
    }

    /// A file as it is on the branch.
    #[track_caller]
    pub fn content(&self, path: &str) -> String {
        self.git(&["show", &format!("main:{path}")])
    }

    /// All that is there is right, whatever else happened, and nothing more is there.
    #[track_caller]
    pub fn is_sound(&self) {
        self.is_intact();
        let objects = fs::read_dir(self.repository().join("objects")).unwrap();
        let names = objects.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<_> = names.filter(|name| name.contains("tmp")).collect();
        assert_eq!(left, Vec::<String>::new(), "half of a push is left");
    }

    /// All that is there is right. Of a push that was killed Git may leave an
    /// `objects/tmp_objdir-*` beside that, which `git gc` removes.
    #[track_caller]
    pub fn is_intact(&self) {
        self.git(&["fsck", "--strict", "--full", "--no-dangling"]);
    }

    /// A person clones the repository at `from`, changes a file, and pushes.
    /// Returns the person's commit.
    #[track_caller]
    pub fn person_commits(&self, path: &str, text: &str) -> String {
        let folder = tempfile::tempdir_in(self.root()).unwrap();
        let at = folder.path();
        succeeded(&run_git(at, &["clone", "-q", self.repository().to_str().unwrap(), "."]));
        fs::write(at.join(path), text).unwrap();
        succeeded(&run_git(at, &["add", "--all"]));
        let person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
        succeeded(&run_git(at, &[&person[..], &["commit", "-q", "-m", "Change by hand"]].concat()));
        succeeded(&run_git(at, &["push", "-q", "origin", "HEAD:main"]));
        self.head().unwrap()
    }

    /// Makes the repository, empty.
    #[track_caller]
    pub fn empty_repository(&self) {
        self.seeded(&self.release("0", &[]));
        self.git(&["update-ref", "-d", "refs/heads/main"]);
    }

    /// A program that Git runs at a push.
    pub fn hook(&self, name: &str, script: &str) {
        let path = self.repository().join("hooks").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        executable(&path, script);
    }

    /// Git's programs that are at work for this checkout.
    pub fn programs(&self) -> Vec<u32> {
        let mut pids = processes::at_home(self.root());
        pids.retain(|pid| {
            let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
            program.file_name().is_some_and(|name| name.to_string_lossy().starts_with("git"))
        });
        pids
    }
}

/// Writes a shell script.
pub fn executable(path: &Path, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Git, as somebody uses it who has set nothing.
pub fn git_command(dir: &Path) -> Command {
    let mut command = Command::new("git");
    let names = std::env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_string_lossy().starts_with("GIT_")) {
        command.env_remove(name);
    }
    command.current_dir(dir).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env("GIT_TERMINAL_PROMPT", "0").env("NO_PROXY", "*");
    command
}

pub fn run_git(dir: &Path, args: &[&str]) -> Output {
    git_command(dir).args(args).output().unwrap()
}

#[track_caller]
pub fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}
