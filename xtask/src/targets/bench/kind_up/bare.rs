//! The program kind by itself.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::context::Context;
use crate::docker::LATE;
use crate::process::Program;
use crate::render;
use crate::replace::replace_private;
use crate::state::{StateDir, id_of};

/// How long it may take for a cluster when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_mins(10);
/// How long it may wait for a ready node.
const WAIT: &str = "5m";
/// What it says when it has one; when it has not it succeeds as well.
const READY: &str = "Ready after";
/// How long it may take to clean up.
const CLEANING: Duration = Duration::from_mins(1);

/// A cluster that is not ours to `kind up`, with the configuration of one that is.
pub struct Bare<'a> {
    cx: &'a Context,
    cluster: String,
    config: PathBuf,
    kubeconfig: PathBuf,
}

impl<'a> Bare<'a> {
    /// That of this measurement, which need not exist.
    pub fn of(cx: &'a Context) -> Self {
        let state = StateDir::of(cx);
        let cluster = render::project("bare", id_of(state.path()));
        Self { cx, cluster, config: state.file("bare.yaml"), kubeconfig: state.file("bare.kubeconfig") }
    }

    /// Makes this its configuration. A name in there does not count.
    pub fn configure(&self, yaml: &str) -> anyhow::Result<()> {
        replace_private(&self.config, yaml.as_bytes())
    }

    /// What makes it, and waits for its node to be `ready`.
    pub fn creation(&self, ready: bool) -> Program {
        let wait: &[&str] = if ready { &["--wait", WAIT] } else { &[] };
        let program = self.kind(["create", "cluster"]).args(["--config".as_ref(), self.config.as_os_str()]);
        program.args(wait).patience(PATIENCE)
    }

    /// What removes it.
    pub fn deletion(&self) -> Program {
        self.kind(["delete", "cluster"]).patience(PATIENCE)
    }

    /// Makes it; the seconds that kind takes.
    pub fn create(&self, ready: bool) -> anyhow::Result<f64> {
        let program = self.creation(ready);
        let (said, seconds) = self.timed(&program)?;
        ensure!(!ready || said.contains(READY), "`{program}` does not say that the node is ready: {said}");
        Ok(seconds)
    }

    /// Removes it; the seconds that kind takes.
    pub fn delete(&self) -> anyhow::Result<f64> {
        Ok(self.timed(&self.deletion())?.1)
    }

    /// kind's own words for its version.
    pub fn version(&self) -> anyhow::Result<String> {
        Ok(Program::new("kind").args(["version"]).read(self.cx)?.trim().to_owned())
    }

    /// Removes what is left of it, interrupted or not.
    pub fn clean(&self) -> anyhow::Result<()> {
        if !self.config.exists() {
            return Ok(());
        }
        self.deletion().quietly(CLEANING)?;
        // kind may have been ended while Docker was at work for it.
        thread::sleep(LATE);
        self.deletion().quietly(CLEANING).map(drop)
    }

    fn kind(&self, verb: [&str; 2]) -> Program {
        let program = Program::new("kind").args(verb).args(["--name", &self.cluster]);
        program.args(["--kubeconfig".as_ref(), self.kubeconfig.as_os_str()])
    }

    fn timed(&self, program: &Program) -> anyhow::Result<(String, f64)> {
        let begin = Instant::now();
        let (succeeded, said) = program.capture(self.cx)?;
        let seconds = begin.elapsed().as_secs_f64();
        ensure!(succeeded, "`{program}` failed: {}", said.trim());
        Ok((said, seconds))
    }
}
