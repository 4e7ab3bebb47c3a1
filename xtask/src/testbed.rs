//! Servers that tests need: each runs for as long as the suite that needs it.

mod api_server;
mod debian;
mod docker;
mod gitea;
mod image;
mod kind;
mod ready;

use std::any::Any;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;
use crate::process::{Program, Running};

pub use api_server::ApiServer;
pub use debian::Debian;
pub use docker::Docker;
pub use gitea::Gitea;
pub use kind::Kind;

/// How long a server may take until it is ready.
const START: Duration = Duration::from_mins(1);
/// Time between two looks whether it is.
const PAUSE: Duration = Duration::from_millis(50);

/// What a suite needs to run beside it.
#[derive(Debug)]
pub enum Testbed {
    /// A Kubernetes API.
    ApiServer(ApiServer),
    /// A Debian to install packages in.
    Debian(Debian),
    /// Docker, with the router's image.
    Docker(Docker),
    /// A Git server.
    Gitea(Gitea),
    /// Docker, with what kind and MetalLB need.
    Kind(Kind),
}

/// A suite's program that knows where its servers are. They end, and what they
/// wrote is removed, when this is dropped.
pub struct Ready {
    /// What is run.
    pub program: Program,
    _servers: Box<dyn Any>,
}

impl Testbed {
    /// Shows what [`Testbed::start`] would do.
    pub fn plan(&self, cx: &Context) -> anyhow::Result<()> {
        match self {
            Self::ApiServer(server) => server.plan(cx),
            Self::Debian(debian) => debian.plan(cx),
            Self::Docker(docker) => docker.plan(cx),
            Self::Gitea(gitea) => gitea.plan(cx),
            Self::Kind(kind) => kind.plan(cx),
        }
    }

    /// Starts it for `program`.
    pub fn start(&self, cx: &Context, program: Program) -> anyhow::Result<Ready> {
        fs::create_dir_all(dir(cx)).with_context(|| format!("cannot create `{}`", dir(cx).display()))?;
        match self {
            Self::ApiServer(server) => server.start(cx, program),
            Self::Debian(debian) => debian.start(cx, program),
            Self::Docker(docker) => docker.start(cx, program),
            Self::Gitea(gitea) => gitea.start(cx, program),
            Self::Kind(kind) => kind.start(cx, program),
        }
    }
}

/// Where servers log, and where what is too large for `/tmp` is.
fn dir(cx: &Context) -> PathBuf {
    cx.state_root().join("testbed")
}

/// Returns when the server is ready; fails if it ends, or takes too long.
fn wait_until(
    cx: &Context,
    name: &str,
    (server, log): (&Running, &Path),
    ready: impl Fn() -> bool,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + START;
    while !ready() {
        cx.interrupt.check()?;
        let why = match server.ended()? {
            Some(status) => format!("ended before it was ready: {status}"),
            None if Instant::now() > deadline => format!("is not ready after {START:?}"),
            None => {
                thread::sleep(PAUSE);
                continue;
            }
        };
        return Err(Failure::missing(format!("`{name}` {why}; its log is `{}`", cx.shown(log))).into());
    }
    Ok(())
}
