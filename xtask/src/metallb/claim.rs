//! Which addresses of a shared network a cluster's pools have, written where
//! the other clusters of this network can read it, also while it is stopped:
//! a file in the container of its control plane.
//!
//! All clusters that kind makes are in one network, and each would choose the
//! same addresses.

use std::io::Read as _;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::models::ContainerSummary;
use bollard::query_parameters::{DownloadFromContainerOptions, UploadToContainerOptions};
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use tar::{Archive, Builder, Header};

use super::addresses::{Range, Taken};
use super::network::{CLUSTER, is_control_plane, label};
use crate::context::Context;
use crate::docker::{Docker, PATIENCE, is_absent};

/// Where it is, in a node that kind made.
const FOLDER: &str = "/kind";
const FILE: &str = "xtask-addresses.json";
/// Version of its form.
const SCHEMA: u32 = 1;
/// Largest archive that is read, in bytes.
const MAX: usize = 1024 * 1024;

#[derive(Debug, Deserialize, Serialize)]
struct Claim {
    schema: u32,
    ranges: Vec<String>,
}

/// Writes down what the pools of the cluster have.
pub fn write(cx: &Context, control_plane: &str, ranges: &[Range]) -> anyhow::Result<()> {
    let claim = Claim { schema: SCHEMA, ranges: ranges.iter().map(ToString::to_string).collect() };
    let text = serde_json::to_vec(&claim).context("cannot write the claim")?;
    Docker::find(cx)?.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        if read(&client, control_plane).await?.is_some_and(|before| before.ranges == claim.ranges) {
            return Ok(());
        }
        let mut archive = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_size(u64::try_from(text.len()).context("the claim is too long")?);
        header.set_mode(0o644);
        archive.append_data(&mut header, FILE, &text[..]).context("cannot pack the claim")?;
        let archive = archive.into_inner().context("cannot pack the claim")?;
        let options = UploadToContainerOptions { path: FOLDER.to_owned(), ..Default::default() };
        let put =
            client.upload_to_container(control_plane, Some(options), bollard::body_full(archive.into()));
        put.await.context("Docker does not take the file with the addresses of the pools")
    })
}

/// What the pools of the other clusters in this network have, as far as they say.
pub async fn of_others(
    client: &Client,
    members: &[ContainerSummary],
    own: &str,
) -> anyhow::Result<Vec<Taken>> {
    let mut taken = Vec::new();
    for node in members.iter().filter(|node| is_control_plane(node)) {
        let (Some(cluster), Some(id)) = (label(node, CLUSTER), &node.id) else { continue };
        if cluster == own {
            continue;
        }
        let claim = read(client, id).await?;
        let ranges = claim.into_iter().flat_map(|claim| claim.ranges);
        let ranges = ranges.filter_map(|range| range.parse::<Range>().ok());
        taken.extend(ranges.map(|range| Taken { range, by: format!("cluster `{cluster}`") }));
    }
    Ok(taken)
}

/// What is written in a container, if it can be read.
async fn read(client: &Client, container: &str) -> anyhow::Result<Option<Claim>> {
    let options = DownloadFromContainerOptions { path: format!("{FOLDER}/{FILE}") };
    let mut parts = std::pin::pin!(client.download_from_container(container, Some(options)));
    let mut archive = Vec::new();
    while let Some(part) = parts.next().await {
        match part {
            Ok(part) if archive.len() + part.len() <= MAX => archive.extend(part),
            // It went while we looked, or somebody else put something there.
            Ok(_) => return Ok(None),
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(error).context("Docker does not tell of the pools of another cluster"),
        }
    }
    let mut archive = Archive::new(&archive[..]);
    let mut text = Vec::new();
    let Some(Ok(mut file)) = archive.entries().ok().and_then(|mut entries| entries.next()) else {
        return Ok(None);
    };
    Ok(file.read_to_end(&mut text).ok().and_then(|_| serde_json::from_slice(&text).ok()))
}
