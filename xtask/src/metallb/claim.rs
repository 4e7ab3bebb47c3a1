//! Which addresses of a shared network a cluster's pools have, written where
//! the other clusters of this network can read it, also while it is stopped:
//! a file in the container of its control plane.
//!
//! All clusters that kind makes are in one network, and each would choose the
//! same addresses.

use std::time::Duration;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::models::{ContainerStateStatusEnum as Status, ContainerSummary};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::addresses::{Range, Taken};
use super::network::{CLUSTER, NodeNetwork, is_control_plane, label, members};
use crate::context::Context;
use crate::docker::{Docker, PATIENCE, files, is_absent};

/// Where it is, in a node that kind made.
const FOLDER: &str = "/kind";
const FILE: &str = "xtask-addresses.json";
/// Version of its form.
const SCHEMA: u32 = 1;
/// How long another cluster may take to give way.
const GIVE_WAY: Duration = Duration::from_secs(5);
/// Between two looks whether it has.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Claim {
    schema: u32,
    ranges: Vec<String>,
    /// Whether nobody else had claimed any of it once it was written.
    #[serde(default = "settled")]
    settled: bool,
}

/// Claims were written last of all, before they said so.
const fn settled() -> bool {
    true
}

impl Claim {
    fn ranges(&self) -> impl Iterator<Item = Range> {
        self.ranges.iter().filter_map(|range| range.parse().ok())
    }
}

/// Writes down what the pools of the cluster are to have. False when another
/// cluster has chosen some of it at the same time, and stays.
///
/// Each writes its claim before it looks for those of others, so one of two at
/// least sees both. One that is settled stays; else that of the cluster whose
/// name comes first.
pub fn stake(cx: &Context, network: &NodeNetwork, ranges: &[Range]) -> anyhow::Result<bool> {
    let Some(control_plane) = &network.control_plane else { return Ok(true) };
    let claim =
        |settled| Claim { schema: SCHEMA, ranges: ranges.iter().map(ToString::to_string).collect(), settled };
    Docker::find(cx)?.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        if read(&client, control_plane).await?.is_some_and(|before| before == claim(true)) {
            return Ok(true);
        }
        write(&client, control_plane, &claim(false)).await?;
        let patience = Instant::now() + GIVE_WAY;
        loop {
            let rivals = rivals(&client, network, ranges).await?;
            if rivals.is_empty() {
                write(&client, control_plane, &claim(true)).await?;
                return Ok(true);
            }
            let gives_way = |(other, settled): &(String, bool)| !settled && network.cluster < *other;
            if !rivals.iter().all(gives_way) || Instant::now() > patience {
                return Ok(false);
            }
            sleep(PAUSE).await;
        }
    })
}

async fn write(client: &Client, control_plane: &str, claim: &Claim) -> anyhow::Result<()> {
    let text = serde_json::to_vec(claim).context("cannot write the claim")?;
    files::put(client, control_plane, FOLDER, [(FILE, text.as_slice())]).await
}

/// The clusters that claim some of `ranges`, too, and whether that is settled.
async fn rivals(
    client: &Client,
    network: &NodeNetwork,
    ranges: &[Range],
) -> anyhow::Result<Vec<(String, bool)>> {
    let members = members(client, &network.name).await?;
    let claims = claims(client, &members, &network.cluster).await?;
    let meets = |claim: &Claim| claim.ranges().any(|theirs| ranges.iter().any(|ours| ours.meets(&theirs)));
    let rivals = claims.into_iter().filter(|(_, claim)| meets(claim));
    Ok(rivals.map(|(cluster, claim)| (cluster, claim.settled)).collect())
}

/// What the pools of the other clusters in this network have, as far as they say.
pub async fn of_others(
    client: &Client,
    members: &[ContainerSummary],
    own: &str,
) -> anyhow::Result<Vec<Taken>> {
    let claims = claims(client, members, own).await?;
    let taken = claims.iter().flat_map(|(cluster, claim)| {
        claim.ranges().map(move |range| Taken { range, by: format!("cluster `{cluster}`") })
    });
    Ok(taken.collect())
}

/// The claims of all clusters but one, with their names.
async fn claims(
    client: &Client,
    members: &[ContainerSummary],
    own: &str,
) -> anyhow::Result<Vec<(String, Claim)>> {
    let mut claims = Vec::new();
    for node in members.iter().filter(|node| is_control_plane(node)) {
        let (Some(cluster), Some(id)) = (label(node, CLUSTER), &node.id) else { continue };
        if cluster == own {
            continue;
        }
        claims.extend(read_while_there(client, id).await?.map(|claim| (cluster.to_owned(), claim)));
    }
    Ok(claims)
}

/// What is written in a container of somebody else. While that is made or
/// removed, Docker fails to read it in several ways.
async fn read_while_there(client: &Client, container: &str) -> anyhow::Result<Option<Claim>> {
    let patience = Instant::now() + GIVE_WAY;
    loop {
        match read(client, container).await {
            Err(error) if is_there(client, container).await? => {
                if Instant::now() > patience {
                    return Err(error);
                }
            }
            Err(_) => return Ok(None),
            read => return read,
        }
        sleep(PAUSE).await;
    }
}

/// Whether there is such a container, and it will not go.
async fn is_there(client: &Client, container: &str) -> anyhow::Result<bool> {
    let found = match client.inspect_container(container, None).await {
        Err(error) if is_absent(&error) => return Ok(false),
        found => found.context("Docker does not tell of a container of another cluster")?,
    };
    let status = found.state.and_then(|state| state.status);
    Ok(!status.is_some_and(|status| [Status::REMOVING, Status::DEAD].contains(&status)))
}

/// What is written in a container, if anything.
async fn read(client: &Client, container: &str) -> anyhow::Result<Option<Claim>> {
    let text = files::get(client, container, &format!("{FOLDER}/{FILE}")).await?;
    // Somebody else may have put something there.
    Ok(text.and_then(|text| serde_json::from_slice(&text).ok()))
}
