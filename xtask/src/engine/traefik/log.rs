//! The container's log.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::query_parameters::LogsOptions;
use futures_util::StreamExt as _;

use crate::context::Context;
use crate::docker::{Docker, PATIENCE, is_absent, last_words};
use crate::failure::Failure;
use crate::printable::printable;

/// How often it is seen whether somebody reads on.
const LOOK: Duration = Duration::from_millis(100);
/// When following ends by itself.
const FOLLOW: Duration = Duration::from_hours(24 * 365);

/// The last `lines` of what the container printed.
pub fn last(cx: &Context, docker: &Docker, container: &str, lines: usize) -> anyhow::Result<Vec<String>> {
    docker.ask(cx, cx.deadline.or(PATIENCE), "the container's log", async |client: Client| {
        last_words(&client, container, lines).await.map_err(|error| unreadable(error, container))
    })
}

/// Gives the last `lines` to `show`, and then each new one until nobody wants
/// more: `wanted` is asked now and then.
pub fn follow(
    cx: &Context,
    container: &str,
    lines: usize,
    wanted: impl Fn() -> bool,
    mut show: impl FnMut(Vec<String>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let docker = Docker::find(cx)?;
    docker.ask(cx, Instant::now() + FOLLOW, "the container's log", async |client: Client| {
        let mut chunks = client.logs(container, Some(options(lines)));
        while wanted() {
            // A stream of Docker's loses nothing when it is asked again.
            let Ok(next) = tokio::time::timeout(LOOK, chunks.next()).await else { continue };
            let Some(chunk) = next else { return Ok(()) };
            let said = chunk.map_err(|error| unreadable(error, container))?.to_string();
            show(said.lines().map(printable).collect())?;
        }
        Ok(())
    })
}

fn options(lines: usize) -> LogsOptions {
    LogsOptions { follow: true, stdout: true, stderr: true, tail: lines.to_string(), ..Default::default() }
}

fn unreadable(error: bollard::errors::Error, container: &str) -> anyhow::Error {
    if is_absent(&error) {
        return Failure::missing(format!("there is no container `{container}`, so no log"))
            .help("the router has not run since it was stopped; start it with `cargo xtask router start`")
            .into();
    }
    anyhow::Error::new(error).context(Failure::failed("Docker does not show the container's log"))
}

/// The last lines, of the Docker that is found.
pub fn tail(cx: &Context, container: &str, lines: usize) -> anyhow::Result<Vec<String>> {
    last(cx, &Docker::find(cx)?, container, lines).context("cannot show the log")
}
