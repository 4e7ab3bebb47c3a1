//! The workspace whose router is measured.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::Value;

use crate::context::Context;
use crate::process::Program;
use crate::replace::replace_private;
use crate::state::StateDir;
use crate::targets::bench::checkout::{Checkout, PROFILE};
use crate::targets::bench::said::Said;

/// The profile whose stand-ins take the place of its services.
const STAND_INS: &str = "local";
/// Its folder, in the state directory.
const FOLDER: &str = "workspace";
/// The engine that works wherever this program does.
pub const EMBEDDED: &str = "embedded";
/// The engine that needs Docker.
pub const TRAEFIK: &str = "traefik";
/// Its kubeconfig.
const KUBECONFIG: &str = "kubeconfig";
/// How long one step of the cleaning may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// The workspace. What was started in it ends, and it is removed, when this
/// is dropped.
pub struct Workspace<'a> {
    cx: &'a Context,
    state: StateDir,
    checkout: Checkout,
    /// Overrides of the profile.
    overrides: Vec<String>,
}

impl<'a> Workspace<'a> {
    /// Makes it, after what a call that was killed has left.
    pub fn new(cx: &'a Context) -> anyhow::Result<Self> {
        let (state, checkout) = (StateDir::of(cx), Checkout::of(cx, FOLDER)?);
        let workspace = Self { cx, state, checkout, overrides: cx.overrides().to_vec() };
        workspace.clean()?;
        workspace.state.create()?;
        workspace.checkout.make(&[PROFILE, STAND_INS])?;
        Ok(workspace)
    }

    /// Makes this the kubeconfig of the profile.
    pub fn write_kubeconfig(&self, text: &str) -> anyhow::Result<()> {
        replace_private(&self.checkout.root().join(KUBECONFIG), text.as_bytes())
    }

    /// Overrides the profile from now on.
    pub fn set(&mut self, key: &str, value: &str) {
        self.overrides.push(format!("{key}={value}"));
    }

    /// Starts the stand-ins of all routes; returns their ports by route.
    pub fn stand_ins(&self) -> anyhow::Result<BTreeMap<String, u16>> {
        let said = Said::of(self.cx, &self.call(STAND_INS, &["up"]))?;
        let up = said.answer()?;
        let rows = up["check"]["rows"].as_array().context("`up` tells no routes")?;
        let port = |row: &Value| {
            let (route, backend) = (row["route"].as_str()?, row["backend"].as_str()?);
            Some((route.to_owned(), backend.rsplit_once(':')?.1.parse().ok()?))
        };
        Ok(rows.iter().filter_map(port).collect())
    }

    /// A call for the profile, timed: what it said, and the seconds that it took.
    pub fn timed(&self, engine: &str, args: &[&str]) -> anyhow::Result<(Said, f64)> {
        Said::timed(self.cx, &self.router(engine, args))
    }

    /// Ends the router of an engine.
    pub fn stop(&self, engine: &str) -> anyhow::Result<()> {
        let stop = self.router(engine, &["router", "stop", "--drain", "0s"]);
        Said::of(self.cx, &stop)?.answer().map(drop)
    }

    fn router(&self, engine: &str, args: &[&str]) -> Program {
        let engine = format!("router.engine={engine}");
        let overrides = self.overrides.iter().chain([&engine]).flat_map(|it| ["--set", it]);
        let kubeconfig = self.checkout.root().join(KUBECONFIG);
        self.call(PROFILE, args).args(["--kubeconfig".as_ref(), kubeconfig.as_path()]).args(overrides)
    }

    fn call(&self, profile: &str, args: &[&str]) -> Program {
        let call = self.checkout.call(profile, args);
        // Every route is to be served, and found by a server on loopback.
        call.variable("SKIP_ROUTER", "").variable("NO_PROXY", "127.0.0.1")
    }

    /// Ends whatever runs here and removes everything, interrupted or not.
    fn clean(&self) -> anyhow::Result<()> {
        let stop = |engine: &str| {
            let engine = format!("router.engine={engine}");
            let stop = self.call(PROFILE, &["router", "stop", "--drain", "0s", "--set", &engine]);
            stop.quietly(PATIENCE).map(drop)
        };
        if self.checkout.has_state(PROFILE) {
            stop(EMBEDDED)?;
        }
        // Where Traefik was never started there may be no Docker to ask.
        if self.checkout.root().join("compose").exists() {
            stop(TRAEFIK)?;
        }
        if self.checkout.has_state(STAND_INS) {
            self.call(STAND_INS, &["down", "--yes"]).quietly(PATIENCE)?;
        }
        self.state.remove().map(drop)
    }
}

impl Drop for Workspace<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.clean() {
            let root = self.checkout.root().display();
            self.cx.reporter.warn(&format!("something may still run in the workspace `{root}`: {error:#}"));
        }
    }
}
