//! Docker's client, as the tests use it.

use std::env;
use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The client's program.
pub fn program() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|dir| dir.join("docker")).find(|it| it.is_file()).expect("docker is in PATH")
}

/// What the client prints; the daemon is that of the environment.
#[track_caller]
pub fn docker<I: IntoIterator<Item: AsRef<OsStr>>>(args: I) -> String {
    let output = Command::new(program()).args(args).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// An image made of the router's with other settings; removed when dropped.
pub struct Image(String);

impl Image {
    /// `lines` go after the first one of its Dockerfile; `config` is its file `/config.yml`.
    pub fn build(name: &str, lines: &str, config: &str) -> Self {
        let name = format!("xtask-test-{name}:p{}", std::process::id());
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.yml"), config).unwrap();
        let dockerfile = format!("FROM traefik:v3.7.15\nCOPY config.yml /config.yml\n{lines}\n");
        std::fs::write(dir.path().join("Dockerfile"), dockerfile).unwrap();
        let mut build = Command::new(program());
        build.env("DOCKER_BUILDKIT", "0").args(["build", "--quiet", "--force-rm", "--tag", &name]);
        if let Ok(label) = env::var("XTASK_TEST_LABEL") {
            build.args(["--label", &label]);
        }
        let output = build.arg(dir.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self(name)
    }

    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        remove(&["image", "rm", "--force", &self.0]);
    }
}

/// A container of somebody else; removed when dropped.
pub struct Foreign(String);

impl Foreign {
    /// A Traefik beside the router; `args` are those of `docker run`.
    pub fn run(args: &[&str], command: &[&str]) -> Self {
        let run = ["run", "--detach", "--network", "host"];
        Self(docker(run.iter().chain(args).chain(&["traefik:v3.7.15"]).chain(command)))
    }

    /// What changes when somebody touches it.
    pub fn state(&self) -> String {
        docker(["inspect", "--format", "{{.State.Status}} {{.State.StartedAt}} {{.RestartCount}}", &self.0])
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        remove(&["rm", "--force", &self.0]);
    }
}

/// Removes something; that it is gone is what is wanted.
pub fn remove(args: &[&str]) {
    let removed = Command::new(program()).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !removed.is_ok_and(|status| status.success()) {
        // A test that fails already is not to be aborted by a second panic.
        let _ = writeln!(std::io::stderr(), "`docker {}` failed", args.join(" "));
    }
}
