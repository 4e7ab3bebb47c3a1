//! Starting a daemon: to live on without us, or for the time of one call.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::protocol::Ready;
use super::{Daemon, Status};
use crate::context::Context;
use crate::failure::Failure;
use crate::lock::Lock;
use crate::process::{Program, Running};

/// How long a daemon may take to serve, when `--timeout` says nothing.
const START: Duration = Duration::from_secs(10);

impl Daemon {
    /// Starts `xtask daemon <kind>`, hands it its configuration, and returns
    /// when it serves. What keeps it from serving is our error.
    pub fn start<T: DeserializeOwned>(
        &self,
        cx: &Context,
        kind: &str,
        config: &impl Serialize,
    ) -> anyhow::Result<Status<T>> {
        self.state.create()?;
        let (program, config) = self.program(cx, kind, config)?;
        let deadline = cx.deadline.or(START);
        let turn = cx.turn.get().map(Lock::share).transpose()?;
        let ready = program.start_detached(cx, turn, &config, &self.log_path(), deadline)?;
        self.served(&ready)
    }

    /// Starts it as [`Daemon::start`] does, but as a child of ours that ends
    /// when the second is dropped. However long the call may take, it has to
    /// serve as soon as any daemon.
    pub fn start_attached<T: DeserializeOwned>(
        &self,
        cx: &Context,
        kind: &str,
        config: &impl Serialize,
    ) -> anyhow::Result<(Status<T>, Running)> {
        self.state.create()?;
        let (program, config) = self.program(cx, kind, config)?;
        let deadline = cx.deadline.or(START).min(Instant::now() + START);
        let (running, ready) = program.start_attached(cx, &config, &self.log_path(), deadline)?;
        Ok((self.served(&ready)?, running))
    }

    /// What is started, and what is sent to it.
    fn program(
        &self,
        cx: &Context,
        kind: &str,
        config: &impl Serialize,
    ) -> anyhow::Result<(Program, Vec<u8>)> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let program = Program::new(program)
            .args(["daemon", kind, "--name", &self.name, "--profile", &cx.choice.name])
            .variable("CARGO_MANIFEST_DIR", cx.root().join("xtask"));
        let config = serde_json::to_vec(config).context("cannot write the daemon's configuration")?;
        Ok((program, config))
    }

    /// The status in its first line, or why it does not serve.
    fn served<T: DeserializeOwned>(&self, ready: &str) -> anyhow::Result<Status<T>> {
        let ended = || {
            Failure::failed(format!("`{}` ended before it served", self.name))
                .help(format!("see `{}`", self.log_path().display()))
        };
        if ready.is_empty() {
            return Err(ended().into());
        }
        let ready: Ready<Status<T>> = serde_json::from_str(ready).with_context(ended)?;
        match ready {
            Ready::Serving(status) => Ok(status),
            Ready::Failed(failed) => Err(failed.into_error()),
        }
    }
}
