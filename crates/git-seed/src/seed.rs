//! A release becomes the head of a branch.

use gix_hash::ObjectId;

use crate::error::Error;
use crate::head::full_name;
use crate::push::Push;
use crate::seeding::Seeding;
use crate::watched::Meter;
use crate::{Origin, Progress, Release, Remote};

/// What a seeding came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeded {
    /// The commit below: the parent, or the head itself if nothing was sent.
    pub before: Option<ObjectId>,
    /// The commit that has the release's files.
    pub head: ObjectId,
    /// What was done.
    pub outcome: Outcome,
    /// How many times something was sent; 0 if nothing was.
    pub attempts: u32,
}

/// What was done to a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: its head has the same files.
    Already,
    /// It has a new commit.
    Committed {
        /// Objects that the server lacked, with the commit.
        objects: u32,
        /// Bytes of the pack.
        bytes_sent: u64,
    },
}

/// Makes a release the head of a branch, as one commit on top of what is there.
///
/// The archive is read again. The same release on the same parent becomes the
/// same commit. If this fails, the branch is as it was, or another writer's;
/// running it again is always right.
///
/// # Errors
///
/// As [`Cause`](crate::Cause) lists them.
pub fn seed(
    origin: &Origin,
    release: &Release,
    remote: &dyn Remote,
    branch: &str,
    progress: &dyn Progress,
) -> Result<Seeded, Error> {
    let meter = Meter::new(progress);
    let run = || {
        let reference = full_name(branch)?;
        let push = Push { origin, release, remote, progress, reference: &reference };
        Seeding::new(push, &meter).run()
    };
    run().map_err(|cause| Error::new(remote.name(), cause))
}
