//! What the control plane said last: its log tells why a node does not come up.

use std::time::Duration;

use anyhow::Context as _;
use bollard::Docker as Client;

use super::Node;
use super::find::control_plane;
use crate::docker::{self, Docker};

/// How many lines are shown.
const LINES: usize = 15;
/// How long Docker may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The last lines, where there are any; whatever the user or the time limit says.
pub(super) fn last_words(docker: &Docker, nodes: &[Node]) -> Option<String> {
    let node = control_plane(nodes)?;
    let words = docker.ask_at_last(PATIENCE, async |client: Client| {
        docker::last_words(&client, &node.id, LINES).await.context("Docker does not show the log")
    });
    let words = words.unwrap_or_else(|error| vec![format!("{error:#}")]);
    Some(format!("last words of `{}`:\n{}", node.name, words.join("\n"))).filter(|_| !words.is_empty())
}
