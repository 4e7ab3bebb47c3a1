//! The router's image, made of Traefik's binary. Whatever tests make in Docker
//! carries a label, by which it is found and removed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use super::dir;
use crate::context::Context;
use crate::process::Program;
use crate::report::Reporter;
use crate::state::id_of;

/// The image that the profiles name.
pub const NAME: &str = "traefik:v3.7.15";
/// Tells tests the label for what they make. Containers have their image's.
pub const LABEL_VARIABLE: &str = "XTASK_TEST_LABEL";

/// The label's name; its value is this workspace's.
const LABEL: &str = "dev.xtask.testbed";
/// How long Docker may take for one answer.
const PATIENCE: Duration = Duration::from_mins(2);

/// Removes everything that has our label when dropped.
pub struct Sweep {
    docker: Program,
    filter: String,
    reporter: Reporter,
}

/// The label of what this workspace's tests make.
pub fn label(cx: &Context) -> String {
    format!("{LABEL}={:016x}", id_of(cx.root()))
}

/// Builds the image, unless there is one that is not ours.
pub fn build(cx: &Context, docker: &Program, traefik: &Path) -> anyhow::Result<()> {
    let inspect = docker.clone().args(["image", "inspect", "--format", "{{json .Config.Labels}}", NAME]);
    let ours = |labels: &str| labels.contains(LABEL);
    if inspect.quietly(PATIENCE).is_ok_and(|labels| !ours(&labels)) {
        cx.reporter.note(&format!("`{NAME}` is there already and is used as it is"));
        return Ok(());
    }
    // A folder of its own: all of it is sent to the daemon.
    let context = tempfile::Builder::new().prefix("image-").tempdir_in(dir(cx));
    let context = context.context("cannot make a folder for the image")?;
    let binary = context.path().join("traefik");
    if fs::hard_link(traefik, &binary).is_err() {
        fs::copy(traefik, &binary).with_context(|| format!("cannot copy `{}`", traefik.display()))?;
    }
    let build = docker.clone().args(["build", "--tag", NAME, "--label", &label(cx), "--file"]);
    let build = build.args([&cx.root().join("testbed/traefik/Dockerfile"), context.path()]);
    cx.reporter.command(&build.to_string());
    // Cut short it would leave layers without the label. It takes seconds.
    let ended = build.quietly(PATIENCE);
    cx.interrupt.check()?;
    ended.map(drop)
}

impl Sweep {
    /// A sweep of the daemon that `docker` talks to.
    pub fn new(cx: &Context, docker: Program) -> Self {
        Self { docker, filter: format!("label={}", label(cx)), reporter: cx.reporter.clone() }
    }

    fn remove(&self, list: &[&str], remove: &[&str]) -> anyhow::Result<()> {
        let list = self.docker.clone().args(list).args(["--quiet", "--filter", &self.filter]);
        let found = list.quietly(PATIENCE)?;
        let mut found: Vec<&str> = found.split_whitespace().collect();
        found.dedup();
        if found.is_empty() {
            return Ok(());
        }
        self.docker.clone().args(remove).args(found).quietly(PATIENCE).map(drop)
    }

    /// An image goes only after those that were made of it, which the list does
    /// not tell; more than two generations there are not.
    fn remove_images(&self) -> anyhow::Result<()> {
        let remove = || self.remove(&["image", "ls"], &["image", "rm", "--force"]);
        remove().or_else(|_| remove())
    }
}

impl Drop for Sweep {
    fn drop(&mut self) {
        let removed = self
            .remove(&["ps", "--all"], &["rm", "--force", "--volumes"])
            .and_then(|()| self.remove(&["network", "ls"], &["network", "rm"]))
            .and_then(|()| self.remove_images());
        if let Err(error) = removed {
            let filter = &self.filter;
            self.reporter
                .warn(&format!("what tests made in Docker may be there still, by {filter}: {error:#}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_names_the_image() {
        let profile = include_str!("../../../profiles/coder.toml");
        assert!(profile.contains(&format!("image = \"{NAME}\"")), "{profile}");
    }
}
