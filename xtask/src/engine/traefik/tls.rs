//! The sandbox's certificate and key, on their way into the container: through
//! a volume, which the container's root owns, so that they need not be readable
//! by anybody else, and no copy is left in the workspace.

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::query_parameters::UploadToContainerOptions;
use tar::{Builder, Header};

use super::container::Owner;
use crate::context::Context;
use crate::docker::{Docker, PATIENCE};
use crate::failure::Failure;
use crate::sandbox::{Sandbox, TLS_FOLDER};

/// Readable by the container's root alone.
const MODE: u32 = 0o600;

/// Puts the files into the container, which is made and need not run.
pub fn put(cx: &Context, docker: &Docker, owner: &Owner, sandbox: &Sandbox) -> anyhow::Result<()> {
    let archive = archive(sandbox)?;
    docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        let container = owner.find(&client).await?;
        let container = container.context("the router's container went while it was made")?;
        let options = UploadToContainerOptions { path: TLS_FOLDER.to_owned(), ..Default::default() };
        let put =
            client.upload_to_container(&container.id, Some(options), bollard::body_full(archive.into()));
        put.await.with_context(|| Failure::failed("Docker does not take the sandbox's certificate and key"))
    })
}

/// Removes them with their volume.
pub fn remove(cx: &Context, docker: &Docker, owner: &Owner) -> anyhow::Result<()> {
    docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        owner.remove_volumes(&client).await
    })
}

fn archive(sandbox: &Sandbox) -> anyhow::Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    for (name, content) in sandbox.files() {
        let mut header = Header::new_gnu();
        header.set_size(u64::try_from(content.len()).context("the file is too long")?);
        header.set_mode(MODE);
        archive.append_data(&mut header, name, content).context("cannot pack the sandbox's files")?;
    }
    archive.into_inner().context("cannot pack the sandbox's files")
}
