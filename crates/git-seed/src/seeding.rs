//! The rounds of a seeding: look, push, and look again if that failed.

use std::collections::HashSet;
use std::time::Duration;

use gix_hash::ObjectId;

use crate::advertisement::{Advertised, references};
use crate::cause::Cause;
use crate::fetch::Upload;
use crate::head::Head;
use crate::pause::pause;
use crate::push::{Lacking, Push, Sent};
use crate::watched::Meter;
use crate::{Outcome, Seeded, Service, commit, listing};

/// How often a server that fails, or breaks off, is asked again.
const RETRIES: u32 = 2;
/// How often a push is repeated that met another one in the act.
const LOCKED: u32 = 8;

/// What is known while a release is seeded.
pub(crate) struct Seeding<'a> {
    push: Push<'a>,
    meter: &'a Meter<'a>,
    upload: Option<Upload<'a>>,
    tried: Vec<Tried>,
    /// Why the last push failed.
    failure: Option<Cause>,
    rebuilt: bool,
    retries: u32,
    locked: u32,
}

/// A commit that was pushed without the server saying that it took it.
struct Tried {
    id: ObjectId,
    parent: Option<ObjectId>,
    sent: Sent,
}

/// The branch as it is.
struct Seen {
    server: Advertised,
    head: Option<Head>,
}

impl<'a> Seeding<'a> {
    pub(crate) fn new(push: Push<'a>, meter: &'a Meter<'a>) -> Self {
        Self {
            push,
            meter,
            upload: None,
            tried: Vec::new(),
            failure: None,
            rebuilt: false,
            retries: 0,
            locked: 0,
        }
    }

    /// Seeds, in as many rounds as it takes.
    pub(crate) fn run(mut self) -> Result<Seeded, Cause> {
        loop {
            match self.round() {
                Ok(Some(seeded)) => return Ok(seeded),
                Ok(None) => {}
                Err(cause) => self.retry(cause)?,
            }
        }
    }

    /// Looks at the branch, and pushes if there is need. `None` if that has
    /// failed, so that the branch must be looked at again.
    fn round(&mut self) -> Result<Option<Seeded>, Cause> {
        let seen = self.look()?;
        if let Some(seeded) = self.arrived(&seen)? {
            return Ok(Some(seeded));
        }
        if let Some(cause) = self.failure.take() {
            self.weigh(cause, seen.server.tip)?;
        }
        self.attempt(&seen)
    }

    fn look(&mut self) -> Result<Seen, Cause> {
        let Push { remote, reference, .. } = self.push;
        let says = remote.advertisement(Service::ReceivePack)?;
        let server = references(self.meter.watch(says), reference)?;
        let head = match server.tip {
            Some(id) => Some(commit::parse(id, &self.upload()?.commit(&id)?)?),
            None => None,
        };
        Ok(Seen { server, head })
    }

    fn upload(&mut self) -> Result<&Upload<'a>, Cause> {
        let upload = match self.upload.take() {
            Some(upload) => upload,
            None => Upload::open(self.push.remote, self.meter)?,
        };
        Ok(self.upload.insert(upload))
    }

    /// Whether the files are there: by a push whose answer was lost, or
    /// because somebody else was as far.
    fn arrived(&mut self, seen: &Seen) -> Result<Option<Seeded>, Cause> {
        let Some(head) = &seen.head else {
            return Ok(None);
        };
        if let Some(index) = self.landed(head)? {
            let Tried { id, parent, sent } = self.tried[index];
            return Ok(Some(self.committed(parent, id, sent)));
        }
        let already = Seeded {
            before: Some(head.commit),
            head: head.commit,
            outcome: Outcome::Already,
            attempts: self.attempts(),
        };
        Ok((head.tree == self.push.release.tree).then_some(already))
    }

    /// Which of the commits that were pushed is in the branch's history.
    fn landed(&mut self, head: &Head) -> Result<Option<usize>, Cause> {
        let Some(first) = self.tried.first().map(|tried| tried.parent) else {
            return Ok(None);
        };
        if let Some(index) = self.tried.iter().position(|tried| tried.id == head.commit) {
            return Ok(Some(index));
        }
        if first == Some(head.commit) {
            return Ok(None);
        }
        let since = self.upload()?.commits(&head.commit, first.as_ref())?;
        Ok(self.tried.iter().position(|tried| since.has_commit(&tried.id)))
    }

    /// Whether to push again after a failure, when the branch is now at `found`.
    fn weigh(&mut self, cause: Cause, found: Option<ObjectId>) -> Result<(), Cause> {
        let seen = self.tried.last().and_then(|tried| tried.parent);
        let refused = matches!(cause, Cause::Refused { .. });
        if found != seen && (refused || cause.is_passing()) {
            let again = std::mem::replace(&mut self.rebuilt, true);
            return if again { Err(Cause::Conflict { seen, found }) } else { Ok(()) };
        }
        if is_race(&cause) && self.locked < LOCKED {
            self.locked += 1;
            return pause(Duration::from_millis(50), self.push.progress);
        }
        self.retry(cause)
    }

    fn attempt(&mut self, seen: &Seen) -> Result<Option<Seeded>, Cause> {
        let has = match &seen.head {
            Some(head) => listing::objects(&self.upload()?.trees(&head.commit)?, head.tree)?,
            None => HashSet::new(),
        };
        let parent = seen.server.tip;
        let (id, data) = commit::of(self.push.release, parent.as_ref())?;
        let lacking = Lacking::of(self.push.release, (id, data), &has)?;
        let (sent, result) = self.push.send(&lacking, &seen.server);
        self.tried.push(Tried { id, parent, sent });
        match result {
            Ok(()) => Ok(Some(self.committed(parent, id, sent))),
            Err(cause @ (Cause::Fault(_) | Cause::Interrupted)) => Err(cause),
            Err(cause) => {
                self.failure = Some(cause);
                Ok(None)
            }
        }
    }

    /// Waits, if the same may succeed later; of two failures the push's is told.
    fn retry(&mut self, cause: Cause) -> Result<(), Cause> {
        if !cause.is_passing() || self.retries == RETRIES {
            return Err(match cause {
                Cause::Interrupted => cause,
                _ => self.failure.take().unwrap_or(cause),
            });
        }
        pause(Duration::from_millis(200) * (1 + 2 * self.retries), self.push.progress)?;
        self.retries += 1;
        Ok(())
    }

    fn committed(&self, parent: Option<ObjectId>, id: ObjectId, sent: Sent) -> Seeded {
        let outcome = Outcome::Committed { objects: sent.objects, bytes_sent: sent.bytes };
        Seeded { before: parent, head: id, outcome, attempts: self.attempts() }
    }

    fn attempts(&self) -> u32 {
        u32::try_from(self.tried.len()).unwrap_or(u32::MAX)
    }
}

/// Whether a refusal sounds like another push in the act, whose outcome is not
/// to be seen yet. The words are those of Git's `refs` and `builtin/receive-pack.c`.
fn is_race(cause: &Cause) -> bool {
    const WORDS: [&str; 7] = [
        "failed to update ref",
        "cannot lock ref",
        "Unable to create",
        "stale info",
        "fetch first",
        "reference already exists",
        "incorrect old value",
    ];
    matches!(cause, Cause::Refused { reason, .. } if WORDS.iter().any(|word| reason.contains(word)))
}
