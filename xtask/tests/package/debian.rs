//! A Debian of a test's own, which packages are installed in.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::made::{Package, part};
use crate::unit::Unit;

/// As dpkg wants it.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// What dpkg and its neighbours keep for themselves.
const KEPT: [&str; 3] = ["var/lib/dpkg", "var/log", "var/cache"];

/// A system in a folder, gone when it is dropped. No systemd runs in it.
pub struct Debian {
    root: tempfile::TempDir,
}

impl Debian {
    /// A fresh one, in which nothing may be started.
    pub fn new() -> Self {
        let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let archive = part("XTASK_TEST_DEBIAN");
        let unpacked = Command::new("tar")
            .args(["--numeric-owner", "--extract", "--file"])
            .args([archive.as_path(), "--directory".as_ref(), root.path()])
            .output()
            .unwrap();
        assert!(unpacked.status.success(), "{unpacked:?}");
        let debian = Self { root };
        debian.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
        debian
    }

    /// Its folder.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// Writes a program.
    pub fn write(&self, path: &str, script: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), script).unwrap();
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs a program in it to its end.
    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// A program in it, in an environment with next to nothing.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("chroot");
        command.arg(self.root.path()).args(words).env_clear().env("PATH", PATH).env("LC_ALL", "C");
        command.env("DEBIAN_FRONTEND", "noninteractive").current_dir("/");
        command
    }

    /// Runs a program in it, which must succeed; what it printed.
    #[track_caller]
    pub fn succeeds(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (said, complained) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{words:?}: {}\n{said}{complained}", output.status);
        said
    }

    /// Installs a package, or upgrades to it.
    #[track_caller]
    pub fn install(&self, package: &Package) {
        fs::copy(&package.file, self.path("tmp/package.deb")).unwrap();
        self.succeeds(&["dpkg", "--force-confdef", "--force-confold", "--install", "/tmp/package.deb"]);
        fs::remove_file(self.path("tmp/package.deb")).unwrap();
    }

    /// The state of the package, as dpkg tells it.
    #[track_caller]
    pub fn state(&self) -> String {
        self.succeeds(&["dpkg-query", "--show", "--showformat=${Status} ${Version}", "xtask-gitea-seed"])
    }

    /// A line of the unit, run as the unit would run it.
    pub fn execute(&self, unit: &Unit, line: &[String]) -> Output {
        let words: Vec<&str> = line.iter().map(String::as_str).collect();
        self.command(&words).envs(&unit.environment).output().unwrap()
    }

    /// Everything in it, but what dpkg keeps for itself.
    pub fn paths(&self) -> BTreeSet<PathBuf> {
        let mut paths = BTreeSet::new();
        self.collect(self.root.path(), &mut paths);
        paths
    }

    fn collect(&self, folder: &Path, paths: &mut BTreeSet<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let relative = entry.path().strip_prefix(self.root.path()).unwrap().to_owned();
            if KEPT.iter().any(|kept| relative == Path::new(kept)) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                self.collect(&entry.path(), paths);
            }
            paths.insert(relative);
        }
    }
}
