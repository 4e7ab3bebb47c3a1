//! A release put on the branch.

use std::time::Instant;

use git_seed::{Origin, Outcome, Release, Seeded};
use serde::Serialize;

use super::failure::told;
use crate::context::Context;
use crate::forge::Forge;
use crate::release::Watched;

/// What a seeding came to.
#[derive(Debug, Serialize)]
pub struct Seeding {
    /// Where the repository is, for people.
    pub server: String,
    /// `owner/name`.
    pub repository: String,
    /// The branch.
    pub branch: String,
    /// What the release says of its version.
    pub version: Option<String>,
    /// SHA-256 of the archive; of a folder, of what is in it.
    pub digest: String,
    /// How many files it has.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Whether a commit was made; else the branch had the same files.
    pub committed: bool,
    /// The commit that has the release's files.
    pub head: String,
    /// The commit below it, if one was made and there was one.
    pub parent: Option<String>,
    /// Objects that the server lacked.
    pub objects: u32,
    /// Bytes of the pack that was sent.
    pub bytes_sent: u64,
    /// How many times something was sent.
    pub attempts: u32,
    /// What it took, reading the release included.
    pub seconds: f64,
}

/// Puts the release on the profile's branch, as one commit on top of it.
/// `since` is when it began to be read.
pub fn seed(
    cx: &Context,
    forge: &dyn Forge,
    (origin, release): (&Origin, &Release),
    watched: &Watched<'_>,
    since: Instant,
) -> anyhow::Result<Seeding> {
    let profile = cx.profile()?.gitea()?;
    let Release { tree, digest, .. } = release;
    cx.reporter.detail(&format!("the release has the tree {tree}, SHA-256 {digest}"));
    if forge.prepare()? {
        cx.reporter.detail(&format!("made the repository {}", forge.describe()));
    }
    let remote = forge.remote()?;
    let seeded = git_seed::seed(origin, release, remote.as_ref(), &profile.branch, watched);
    let seeded = seeded.map_err(|error| told(cx, &error))?;
    cx.reporter.detail(&why(&seeded));
    let (committed, objects, bytes_sent) = match seeded.outcome {
        Outcome::Already => (false, 0, 0),
        Outcome::Committed { objects, bytes_sent } => (true, objects, bytes_sent),
    };
    Ok(Seeding {
        server: forge.describe(),
        repository: profile.repository.to_string(),
        branch: profile.branch.clone(),
        version: release.version.clone(),
        digest: release.digest.clone(),
        files: release.files.len(),
        bytes: release.bytes,
        committed,
        head: seeded.head.to_string(),
        parent: seeded.before.filter(|_| committed).map(|id| id.to_string()),
        objects,
        bytes_sent,
        attempts: seeded.attempts,
        seconds: since.elapsed().as_secs_f64(),
    })
}

/// Why something was sent, or nothing.
fn why(Seeded { before, outcome, attempts, .. }: &Seeded) -> String {
    match (outcome, before) {
        (Outcome::Already, Some(head)) => format!("commit {head} has the same tree: nothing was sent"),
        (Outcome::Already, None) => "nothing was sent".to_owned(),
        (Outcome::Committed { objects, .. }, Some(parent)) => {
            format!("commit {parent} has another tree, and lacks {objects} objects: sent in push {attempts}")
        }
        (Outcome::Committed { objects, .. }, None) => {
            format!("the branch has no commit, and lacks {objects} objects: sent in push {attempts}")
        }
    }
}
