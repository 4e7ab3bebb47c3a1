//! One push: made in one thread, and sent in another.

use std::collections::HashSet;
use std::io::{Cursor, Read};
use std::sync::atomic::Ordering;
use std::thread;

use gix_hash::ObjectId;

use crate::advertisement::Advertised;
use crate::body::{self, Maker};
use crate::cause::Cause;
use crate::fetch::AGENT;
use crate::pack::{Kind, Pack};
use crate::{Origin, Progress, Release, Remote, Service, packet, report};

/// What is to be pushed, and where.
pub(crate) struct Push<'a> {
    pub(crate) origin: &'a Origin,
    pub(crate) release: &'a Release,
    pub(crate) remote: &'a dyn Remote,
    pub(crate) progress: &'a dyn Progress,
    /// The full name of the branch.
    pub(crate) reference: &'a str,
}

/// What went to the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) objects: u32,
    pub(crate) bytes: u64,
}

/// The objects of a commit that a server lacks.
pub(crate) struct Lacking {
    commit: (ObjectId, Vec<u8>),
    /// The trees and blobs.
    below: HashSet<ObjectId>,
    /// How many they are, with the commit.
    count: u32,
}

impl Lacking {
    /// What of `commit`, whose files are those of `release`, is not in `has`.
    pub(crate) fn of(
        release: &Release,
        commit: (ObjectId, Vec<u8>),
        has: &HashSet<ObjectId>,
    ) -> Result<Self, Cause> {
        let blobs = release.files.iter().map(|file| file.id);
        let all = crate::trees(release).map(|(id, _)| id).chain(blobs);
        let below: HashSet<_> = all.filter(|id| !has.contains(id)).collect();
        let count = u32::try_from(below.len() + 1);
        let count = count.map_err(|_| Cause::protocol("more objects than a pack can hold"))?;
        Ok(Self { commit, below, count })
    }
}

impl Push<'_> {
    /// Sends a commit, and moves the branch to it from exactly the head that
    /// the server advertised. Tells how much was sent also if that failed.
    pub(crate) fn send(&self, lacking: &Lacking, server: &Advertised) -> (Sent, Result<(), Cause>) {
        let (maker, body, read) = body::pair();
        let made_and_told = thread::scope(|scope| {
            let making = scope.spawn(|| self.make(maker, lacking));
            let told = self.tell(body, lacking, server);
            let made = making.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            made.and(told)
        });
        let sent = Sent { objects: lacking.count, bytes: read.load(Ordering::Relaxed) };
        (sent, made_and_told)
    }

    fn tell(&self, body: body::Body, lacking: &Lacking, server: &Advertised) -> Result<(), Cause> {
        let body = Cursor::new(self.command(lacking.commit.0, server)?).chain(body);
        let answer = self.remote.call(Service::ReceivePack, Box::new(body))?;
        report::read(answer, server.bands, self.reference)
    }

    fn command(&self, new: ObjectId, server: &Advertised) -> Result<Vec<u8>, Cause> {
        let old = server.tip.unwrap_or(ObjectId::null(gix_hash::Kind::Sha1));
        let bands = if server.bands { " side-band-64k" } else { "" };
        let quiet = if server.quiet { " quiet" } else { "" };
        let reference = self.reference;
        let mut out = Vec::new();
        packet::line(&mut out, &format!("{old} {new} {reference}\0 report-status{bands}{quiet} {AGENT}"))?;
        packet::flush(&mut out)?;
        Ok(out)
    }

    /// Makes the pack. That the server wants no more of it is no failure here:
    /// its answer says why.
    fn make(&self, mut maker: Maker, lacking: &Lacking) -> Result<(), Cause> {
        match self.write(&mut maker, lacking).and_then(|()| Ok(maker.end()?)) {
            Err(_) if maker.is_unwanted() => Ok(()),
            result => result,
        }
    }

    /// The hash that ends the pack is written when the whole archive was read
    /// again and found unchanged: without it no server keeps anything.
    fn write(&self, maker: &mut Maker, lacking: &Lacking) -> Result<(), Cause> {
        let mut pack = Pack::new(maker, lacking.count)?;
        let commit = &lacking.commit.1;
        pack.object(Kind::Commit, commit.len() as u64, &mut &commit[..])?;
        let wanted = |id: &ObjectId| lacking.below.contains(id);
        for (_, tree) in crate::trees(self.release).filter(|(id, _)| wanted(id)) {
            pack.object(Kind::Tree, tree.len() as u64, &mut &tree[..])?;
        }
        crate::blobs(self.origin, self.release, &wanted, self.progress, &mut |file, data| {
            pack.object(Kind::Blob, file.size, data)
        })?;
        Ok(pack.finish()?)
    }
}
