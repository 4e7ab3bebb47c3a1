//! Which addresses of a shared network a cluster's pools have, written where
//! the other clusters of this network can read it, also while it is stopped:
//! a file in the container of its control plane.
//!
//! All clusters that kind makes are in one network, and each would choose the
//! same addresses.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::models::ContainerSummary;
use serde::{Deserialize, Serialize};

use super::addresses::{Range, Taken};
use super::network::{CLUSTER, NodeNetwork, is_control_plane, label};
use super::survey::Survey;
use crate::context::Context;
use crate::docker::{Docker, PATIENCE, files};
use crate::failure::Failure;

/// Where it is, in a node that kind made.
const FOLDER: &str = "/kind";
const FILE: &str = "xtask-addresses.json";
/// Version of its form.
const SCHEMA: u32 = 1;
/// How often addresses are chosen while others choose, too.
const TRIES: u32 = 8;
/// Longest pause before they are chosen anew, in milliseconds: many times what
/// it takes to write a claim and to look.
const PAUSE: u64 = 1000;

#[derive(Debug, Deserialize, Serialize)]
struct Claim {
    schema: u32,
    ranges: Vec<String>,
}

/// Claims the addresses that were chosen; returns what was, or is now, chosen.
///
/// Two calls in two workspaces may choose at the same time. Each writes first
/// and looks then, so at least one of them sees the other, and chooses anew.
pub fn settle(cx: &Context, mut survey: Survey, deadline: Instant) -> anyhow::Result<Survey> {
    for _ in 0..TRIES {
        let Some(control_plane) = &survey.network.control_plane else { return Ok(survey) };
        write(cx, control_plane, &survey.ranges())?;
        if !survey.is_outrun(&NodeNetwork::find(cx, &survey.look.nodes)?) {
            return Ok(survey);
        }
        // Not both at the same time again: the keys of each `RandomState` are others.
        let pause = Duration::from_millis(RandomState::new().build_hasher().finish() % PAUSE);
        cx.block_on(deadline, "the other clusters", async { tokio::time::sleep(pause).await })?;
        survey = Survey::of(cx, deadline)?;
    }
    let network = &survey.network.name;
    let message = format!("other clusters take addresses of Docker's network `{network}` all the time");
    Err(Failure::failed(message).help("run it again").into())
}

/// Writes down what the pools of the cluster have.
fn write(cx: &Context, control_plane: &str, ranges: &[Range]) -> anyhow::Result<()> {
    let claim = Claim { schema: SCHEMA, ranges: ranges.iter().map(ToString::to_string).collect() };
    let text = serde_json::to_vec(&claim).context("cannot write the claim")?;
    Docker::find(cx)?.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        if read(&client, control_plane).await?.is_some_and(|before| before.ranges == claim.ranges) {
            return Ok(());
        }
        files::put(&client, control_plane, FOLDER, [(FILE, text.as_slice())]).await
    })
}

/// What the pools of the other clusters in this network have, as far as they say.
pub async fn of_others(
    client: &Client,
    members: &[ContainerSummary],
    own: Option<&str>,
) -> anyhow::Result<Vec<Taken>> {
    let mut taken = Vec::new();
    for node in members.iter().filter(|node| is_control_plane(node)) {
        let (Some(cluster), Some(id)) = (label(node, CLUSTER), &node.id) else { continue };
        if own == Some(cluster) {
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
    let text = files::get(client, container, &format!("{FOLDER}/{FILE}")).await?;
    Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
}
