//! Packs from a server: commits and trees are kept, all else is passed over.
//! See gitformat-pack(5). The server is not trusted.

mod stream;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::Read;

use gix_hash::ObjectId;
use gix_object::Kind;

use crate::cause::Cause;
use crate::delta;
use stream::{Entry, Stream};

/// Bytes of one object that is kept.
const OBJECT: u64 = 64 << 20;
/// Bytes of all that is kept.
const KEPT: u64 = 256 << 20;

/// The commits and trees of a pack.
#[derive(Debug, Default)]
pub(crate) struct Received {
    objects: Vec<(Kind, Vec<u8>)>,
    ids: HashMap<ObjectId, usize>,
}

impl Received {
    /// The commit of that id.
    pub(crate) fn commit(&self, id: &ObjectId) -> Result<&[u8], Cause> {
        self.get(id, Kind::Commit)
    }

    /// The tree of that id.
    pub(crate) fn tree(&self, id: &ObjectId) -> Result<&[u8], Cause> {
        self.get(id, Kind::Tree)
    }

    pub(crate) fn has_commit(&self, id: &ObjectId) -> bool {
        self.commit(id).is_ok()
    }

    fn get(&self, id: &ObjectId, kind: Kind) -> Result<&[u8], Cause> {
        match self.ids.get(id).map(|index| &self.objects[*index]) {
            Some((found, data)) if *found == kind => Ok(data),
            _ => Err(Cause::protocol(format!("a pack without the {kind} {id}"))),
        }
    }
}

/// Reads a pack to its end, or only until the object `until` was found.
pub(crate) fn receive<R: Read>(read: R, until: Option<&ObjectId>) -> Result<Received, Cause> {
    let mut stream = Stream::new(read);
    let mut incoming = Incoming::default();
    for left in (0..stream.header()?).rev() {
        incoming.take(&mut stream)?;
        // After the last one the rest is read, so that the connection can be kept.
        if left > 0 && until.is_some_and(|id| incoming.received.ids.contains_key(id)) {
            return Ok(incoming.received);
        }
    }
    stream.trailer()?;
    Ok(incoming.received)
}

/// Where the base of a delta is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Base {
    Place(u64),
    Id(ObjectId),
}

/// What is known of an object whose place was passed.
#[derive(Clone, Copy)]
enum Known {
    /// Its index among the kept ones.
    Kept(usize),
    /// A blob or a tag: of no interest.
    Passed,
    /// A delta whose base has not come yet.
    Waiting,
}

#[derive(Default)]
struct Incoming {
    received: Received,
    /// Bytes of what is kept, deltas that wait included.
    bytes: u64,
    places: HashMap<u64, Known>,
    waiting: HashMap<Base, Vec<(u64, Vec<u8>)>>,
}

impl Incoming {
    fn take<R: Read>(&mut self, stream: &mut Stream<R>) -> Result<(), Cause> {
        let place = stream.place();
        let (entry, size) = stream.entry()?;
        let base = match entry {
            Entry::Whole(kind @ (Kind::Commit | Kind::Tree)) => {
                let data = self.data(stream, size)?;
                return self.keep(place, kind, data);
            }
            Entry::Whole(Kind::Blob | Kind::Tag) => return self.pass(stream, place, size),
            Entry::Back(back) => Base::Place(self.base_of(place, back)?),
            Entry::Of(id) => Base::Id(id),
        };
        match self.known(base) {
            Known::Passed => self.pass(stream, place, size),
            Known::Kept(index) => {
                let delta = self.data(stream, size)?;
                let (kind, data) = self.patched(index, &delta)?;
                self.keep(place, kind, data)
            }
            Known::Waiting => {
                let delta = self.data(stream, size)?;
                self.waiting.entry(base).or_default().push((place, delta));
                self.places.insert(place, Known::Waiting);
                Ok(())
            }
        }
    }

    fn pass<R: Read>(&mut self, stream: &mut Stream<R>, place: u64, size: u64) -> Result<(), Cause> {
        self.places.insert(place, Known::Passed);
        stream.pass(size)
    }

    fn data<R: Read>(&mut self, stream: &mut Stream<R>, size: u64) -> Result<Vec<u8>, Cause> {
        if size > self.room() {
            return Err(Cause::protocol("more commits and trees than are taken"));
        }
        self.bytes += size;
        stream.data(size)
    }

    /// Bytes that the next object may have.
    fn room(&self) -> u64 {
        OBJECT.min(KEPT.saturating_sub(self.bytes))
    }

    /// The place of an object that begins `back` bytes before `place`.
    fn base_of(&self, place: u64, back: u64) -> Result<u64, Cause> {
        let base = place.checked_sub(back).filter(|base| self.places.contains_key(base));
        base.ok_or_else(|| Cause::protocol("a delta of nothing"))
    }

    fn known(&self, base: Base) -> Known {
        let known = match base {
            Base::Place(place) => self.places.get(&place).copied(),
            Base::Id(id) => self.received.ids.get(&id).copied().map(Known::Kept),
        };
        known.unwrap_or(Known::Waiting)
    }

    /// Keeps an object, and makes those that waited for it.
    fn keep(&mut self, place: u64, kind: Kind, data: Vec<u8>) -> Result<(), Cause> {
        let mut made = vec![(place, kind, data)];
        while let Some((place, kind, data)) = made.pop() {
            let id = gix_object::compute_hash(gix_hash::Kind::Sha1, kind, &data);
            let id = id.map_err(|error| Cause::protocol(error.to_string()))?;
            let index = self.received.objects.len();
            self.received.objects.push((kind, data));
            self.received.ids.insert(id, index);
            self.places.insert(place, Known::Kept(index));
            for base in [Base::Place(place), Base::Id(id)] {
                for (place, delta) in self.waiting.remove(&base).unwrap_or_default() {
                    let (kind, data) = self.patched(index, &delta)?;
                    made.push((place, kind, data));
                }
            }
        }
        Ok(())
    }

    /// A kept object with a delta applied.
    fn patched(&mut self, base: usize, delta: &[u8]) -> Result<(Kind, Vec<u8>), Cause> {
        let (kind, base) = &self.received.objects[base];
        let data = delta::apply(base, delta, self.room())?;
        self.bytes += data.len() as u64;
        Ok((*kind, data))
    }
}
