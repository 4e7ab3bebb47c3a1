//! What the measurements have in common: two workspaces, and kind by itself.

use std::time::Duration;

use anyhow::{Context as _, ensure};

use super::bare::Bare;
use crate::context::Context;
use crate::process::Program;
use crate::state::StateDir;
use crate::targets::bench::checkout::{Checkout, PROFILE};
use crate::targets::bench::said::Said;

/// How long nodes may take to stop, when `--timeout` says nothing.
const STOP: Duration = Duration::from_mins(2);
/// How long one step of the cleaning may take.
const CLEANING: Duration = Duration::from_mins(2);

/// What everything is measured on. It is removed when this is dropped.
pub struct Bed<'a> {
    cx: &'a Context,
    state: StateDir,
    /// Its cluster is stopped as long as anything is measured: with it, the
    /// folder stays that its configuration names, and the nodes' network, so
    /// that nobody's time has the making of those in it.
    rendered: Checkout,
    measured: Checkout,
    /// kind by itself, with the configuration of [`Self::rendered`].
    pub bare: Bare<'a>,
}

/// What `kind up` came to.
pub struct Up {
    pub seconds: f64,
    /// The containers of the cluster, by name.
    pub nodes: Vec<String>,
}

impl<'a> Bed<'a> {
    /// Makes it, after what a call that was killed has left.
    pub fn make(cx: &'a Context) -> anyhow::Result<Self> {
        let (rendered, measured) = (Checkout::of(cx, "rendered")?, Checkout::of(cx, "measured")?);
        let bed = Self { cx, state: StateDir::of(cx), rendered, measured, bare: Bare::of(cx) };
        bed.clean()?;
        bed.state.create()?;
        bed.rendered.make(&[PROFILE])?;
        bed.measured.make(&[PROFILE])?;
        bed.render()?;
        Ok(bed)
    }

    /// Times `kind up` in the workspace that is measured; it has to come to
    /// `change`, a word of its answer.
    pub fn up(&self, change: &str) -> anyhow::Result<Up> {
        self.up_in(&self.measured, change)
    }

    /// Times `kind down` there.
    pub fn down(&self) -> anyhow::Result<f64> {
        let (said, seconds) = Said::timed(self.cx, &self.call(&self.measured, "down"))?;
        let removed = &said.answer()?["removed"];
        ensure!(removed.is_string(), "`{}` has removed nothing", said.line());
        Ok(seconds)
    }

    /// Stops these nodes, as a reboot does.
    pub fn stop(&self, nodes: &[String]) -> anyhow::Result<()> {
        let stop = Program::new("docker").args(["stop"]).args(nodes).patience(STOP);
        let (succeeded, said) = stop.capture(self.cx)?;
        ensure!(succeeded, "`{stop}` failed: {}", said.trim());
        Ok(())
    }

    /// Leaves a stopped cluster, and its configuration for [`Self::bare`].
    fn render(&self) -> anyhow::Result<()> {
        self.cx.reporter.note("making a cluster whose configuration and network the others have");
        let up = self.up_in(&self.rendered, "created")?;
        self.stop(&up.nodes)?;
        let said = Said::of(self.cx, &self.call(&self.rendered, "render"))?;
        self.bare
            .configure(said.answer()?["config"].as_str().context("`kind render` tells no configuration")?)
    }

    fn up_in(&self, checkout: &Checkout, change: &str) -> anyhow::Result<Up> {
        let (said, seconds) = Said::timed(self.cx, &self.call(checkout, "up"))?;
        let answer = said.answer()?;
        let became = answer["change"].as_str().context("`kind up` tells no change")?;
        ensure!(became == change, "`{}` came to `{became}`, not `{change}`", said.line());
        let nodes = answer["nodes"].as_array().context("`kind up` tells no nodes")?;
        let nodes = nodes.iter().filter_map(|node| node.as_str().map(str::to_owned)).collect();
        Ok(Up { seconds, nodes })
    }

    fn call(&self, checkout: &Checkout, verb: &str) -> Program {
        let overrides = self.cx.overrides().iter().flat_map(|it| ["--set", it]);
        checkout.call(PROFILE, &["kind", verb]).args(overrides)
    }

    /// Removes everything, interrupted or not.
    fn clean(&self) -> anyhow::Result<()> {
        self.bare.clean()?;
        // The one that keeps the network is the last to go.
        for checkout in [&self.measured, &self.rendered] {
            if checkout.has_state(PROFILE) {
                self.call(checkout, "down").quietly(CLEANING)?;
            }
        }
        self.state.remove().map(drop)
    }
}

impl Drop for Bed<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.clean() {
            let state = self.state.path().display();
            self.cx
                .reporter
                .warn(&format!("a cluster may be left of the workspaces in `{state}`: {error:#}"));
        }
    }
}
