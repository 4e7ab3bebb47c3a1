//! Removes the container without Compose.

use std::time::Duration;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::query_parameters::StopContainerOptions;

use super::container::Owner;
use crate::context::Context;
use crate::docker::{self, Docker, LATE, is_absent};
use crate::failure::Failure;

/// How long cleaning up after a start that failed may take.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Stops our containers within `drain`, then removes them.
pub fn end(cx: &Context, docker: &Docker, owner: &Owner, drain: Duration) -> anyhow::Result<()> {
    let seconds = i32::try_from(drain.as_millis().div_ceil(1000)).unwrap_or(i32::MAX);
    let limit = cx.deadline.or(drain + docker::PATIENCE);
    docker.ask(cx, limit, "the router's connections to end", async |client: Client| {
        for id in owner.ids(&client).await? {
            let options = StopContainerOptions { t: Some(seconds), ..Default::default() };
            match client.stop_container(&id, Some(options)).await {
                Err(error) if !is_absent(&error) => return Err(error).context("Docker does not stop it"),
                _ => {}
            }
        }
        owner.remove(&client).await
    })
}

/// Removes what a start has made that failed with `error`, or tells what remains.
pub fn undo(docker: &Docker, owner: &Owner, error: anyhow::Error) -> anyhow::Error {
    let removed = docker.ask_at_last(PATIENCE, async |client: Client| {
        owner.remove(&client).await?;
        tokio::time::sleep(LATE).await;
        owner.remove(&client).await
    });
    let Err(remains) = removed else { return error };
    let name = &owner.project;
    let failure = Failure::failed(format!("the router did not start, and container `{name}` may remain"))
        .help(format!("remove it with `docker rm --force {name}`"));
    anyhow::anyhow!("{remains:#}; before that: {error:#}").context(failure)
}
