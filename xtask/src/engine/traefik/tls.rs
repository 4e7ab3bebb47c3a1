//! The sandbox's certificate and key, on their way into the container: through
//! a volume, which the container's root owns, so that they need not be readable
//! by anybody else, and no copy is left in the workspace.

use anyhow::Context as _;
use bollard::Docker as Client;

use super::container::Owner;
use crate::context::Context;
use crate::docker::{Docker, PATIENCE, files};
use crate::failure::Failure;
use crate::sandbox::{Sandbox, TLS_FOLDER};

/// Puts the files into the container, which is made and need not run.
pub fn put(cx: &Context, docker: &Docker, owner: &Owner, sandbox: &Sandbox) -> anyhow::Result<()> {
    docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        let container = owner.find(&client).await?;
        let container = container.context("the router's container went while it was made")?;
        let put = files::put(&client, &container.id, TLS_FOLDER, sandbox.files());
        put.await.with_context(|| Failure::failed("Docker does not take the sandbox's certificate and key"))
    })
}

/// Removes them with their volume.
pub fn remove(cx: &Context, docker: &Docker, owner: &Owner) -> anyhow::Result<()> {
    docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        owner.remove_volumes(&client).await
    })
}
