//! Packs from a server: commits and trees are kept, all else is passed over.
//! See gitformat-pack(5). The server is not trusted.

use std::collections::HashMap;
use std::io::{self, BufRead, Read};

use flate2::{Decompress, FlushDecompress, Status};
use gix_hash::ObjectId;
use gix_object::Kind;

use crate::delta;
use crate::error::Cause;
use crate::hashed::Hashed;

/// Bytes of one object that is kept.
const OBJECT: u64 = 64 << 20;
/// Bytes of all that is kept.
const KEPT: u64 = 256 << 20;

/// The commits and trees of a pack.
#[derive(Debug, Default)]
pub(crate) struct Received(HashMap<ObjectId, (Kind, Vec<u8>)>);

impl Received {
    fn new(mut kept: Vec<(Kind, Vec<u8>)>, ids: HashMap<ObjectId, usize>) -> Self {
        let take = |(id, index)| (id, std::mem::replace(&mut kept[index], (Kind::Blob, Vec::new())));
        Self(ids.into_iter().map(take).collect())
    }

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
        match self.0.get(id) {
            Some((found, data)) if *found == kind => Ok(data),
            _ => Err(Cause::protocol(format!("a pack without the {kind} {id}"))),
        }
    }
}

/// Reads a pack to its end, or only until the object `until` was found.
pub(crate) fn receive<R: Read>(read: R, until: Option<&ObjectId>) -> Result<Received, Cause> {
    let mut incoming = Incoming::new(read);
    for _ in 0..incoming.header()? {
        incoming.object()?;
        if until.is_some_and(|id| incoming.ids.contains_key(id)) {
            return Ok(Received::new(incoming.kept, incoming.ids));
        }
    }
    incoming.trailer()
}

/// Where the base of a delta is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Base {
    Offset(u64),
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

struct Incoming<R> {
    input: Hashed<R>,
    inflater: Decompress,
    kept: Vec<(Kind, Vec<u8>)>,
    bytes: u64,
    places: HashMap<u64, Known>,
    ids: HashMap<ObjectId, usize>,
    waiting: HashMap<Base, Vec<(u64, Vec<u8>)>>,
}

impl<R: Read> Incoming<R> {
    fn new(read: R) -> Self {
        Self {
            input: Hashed::new(read),
            inflater: Decompress::new(true),
            kept: Vec::new(),
            bytes: 0,
            places: HashMap::new(),
            ids: HashMap::new(),
            waiting: HashMap::new(),
        }
    }

    /// Returns how many objects follow.
    fn header(&mut self) -> Result<u32, Cause> {
        let head: [u8; 12] = self.bytes()?;
        let [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, a, b, c, d] = head else {
            return Err(Cause::protocol("no pack of version 2"));
        };
        Ok(u32::from_be_bytes([a, b, c, d]))
    }

    /// The pack ends with the hash of all before.
    fn trailer(self) -> Result<Received, Cause> {
        let Self { input, kept, ids, .. } = self;
        let (hash, mut rest) = input.finish();
        let mut trailer = [0; 20];
        rest.read_exact(&mut trailer)?;
        if trailer != hash || !rest.fill_buf()?.is_empty() {
            return Err(Cause::protocol("a damaged pack"));
        }
        Ok(Received::new(kept, ids))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Cause> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn byte(&mut self) -> Result<u8, Cause> {
        self.bytes().map(|[byte]| byte)
    }

    fn object(&mut self) -> Result<(), Cause> {
        let place = self.input.position();
        let (kind, size) = self.kind_and_size()?;
        let known = match kind {
            1 => self.whole(place, Kind::Commit, size)?,
            2 => self.whole(place, Kind::Tree, size)?,
            3 | 4 => self.pass(size)?,
            6 => {
                let back = self.distance()?;
                let base = place.checked_sub(back).filter(|_| back > 0);
                let base = base.filter(|base| self.places.contains_key(base));
                self.delta(
                    place,
                    Base::Offset(base.ok_or_else(|| Cause::protocol("a delta of nothing"))?),
                    size,
                )?
            }
            7 => {
                let base = Base::Id(ObjectId::Sha1(self.bytes()?));
                self.delta(place, base, size)?
            }
            _ => return Err(Cause::protocol("an object of an unknown kind")),
        };
        self.places.entry(place).or_insert(known);
        Ok(())
    }

    /// Three bits of kind, then a size: four bits, and seven in each further byte.
    fn kind_and_size(&mut self) -> Result<(u8, u64), Cause> {
        let mut byte = self.byte()?;
        let kind = byte >> 4 & 0b111;
        let mut size = u64::from(byte & 0xf);
        let mut shift = 4;
        while byte & 0x80 != 0 {
            if shift > 53 {
                return Err(Cause::protocol("an object of an absurd size"));
            }
            byte = self.byte()?;
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        Ok((kind, size))
    }

    /// How far before a delta its base begins.
    fn distance(&mut self) -> Result<u64, Cause> {
        let mut byte = self.byte()?;
        let mut distance = u64::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            if distance >= 1 << 48 {
                return Err(Cause::protocol("a delta of nothing"));
            }
            byte = self.byte()?;
            distance = (distance + 1) << 7 | u64::from(byte & 0x7f);
        }
        Ok(distance)
    }

    fn whole(&mut self, place: u64, kind: Kind, size: u64) -> Result<Known, Cause> {
        let data = self.inflate(size, true)?;
        self.keep(place, kind, data).map(Known::Kept)
    }

    fn pass(&mut self, size: u64) -> Result<Known, Cause> {
        self.inflate(size, false).map(|_| Known::Passed)
    }

    fn delta(&mut self, place: u64, base: Base, size: u64) -> Result<Known, Cause> {
        match self.known(base) {
            Known::Passed => self.pass(size),
            Known::Kept(index) => {
                let delta = self.inflate(size, true)?;
                self.patch(place, index, &delta).map(Known::Kept)
            }
            Known::Waiting => {
                let delta = self.inflate(size, true)?;
                self.waiting.entry(base).or_default().push((place, delta));
                Ok(Known::Waiting)
            }
        }
    }

    fn known(&self, base: Base) -> Known {
        let known = match base {
            Base::Offset(place) => self.places.get(&place).copied(),
            Base::Id(id) => self.ids.get(&id).copied().map(Known::Kept),
        };
        known.unwrap_or(Known::Waiting)
    }

    fn patch(&mut self, place: u64, base: usize, delta: &[u8]) -> Result<usize, Cause> {
        let (kind, base) = &self.kept[base];
        let data = delta::apply(base, delta, OBJECT.min(KEPT - self.bytes))?;
        let kind = *kind;
        self.bytes += data.len() as u64;
        self.keep(place, kind, data)
    }

    /// Keeps an object, and makes those that waited for it.
    fn keep(&mut self, place: u64, kind: Kind, data: Vec<u8>) -> Result<usize, Cause> {
        let first = self.kept.len();
        let mut made = vec![(place, kind, data)];
        while let Some((place, kind, data)) = made.pop() {
            let id = gix_object::compute_hash(gix_hash::Kind::Sha1, kind, &data);
            let id = id.map_err(|error| Cause::protocol(error.to_string()))?;
            self.places.insert(place, Known::Kept(self.kept.len()));
            self.ids.insert(id, self.kept.len());
            for base in [Base::Offset(place), Base::Id(id)] {
                for (place, delta) in self.waiting.remove(&base).unwrap_or_default() {
                    let data = delta::apply(&data, &delta, OBJECT.min(KEPT - self.bytes))?;
                    self.bytes += data.len() as u64;
                    made.push((place, kind, data));
                }
            }
            self.kept.push((kind, data));
        }
        Ok(first)
    }

    /// Inflates an object of exactly `size` bytes.
    fn inflate(&mut self, size: u64, keep: bool) -> Result<Vec<u8>, Cause> {
        if keep {
            if size > OBJECT.min(KEPT - self.bytes) {
                return Err(Cause::protocol("more commits and trees than are taken"));
            }
            self.bytes += size;
        }
        self.inflater.reset(true);
        let (mut data, mut out) = (Vec::new(), [0; 1 << 14]);
        loop {
            let input = self.input.fill_buf()?;
            if input.is_empty() {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let (taken, made) = (self.inflater.total_in(), self.inflater.total_out());
            let status = self.inflater.decompress(input, &mut out, FlushDecompress::None);
            let status = status.map_err(|_| Cause::protocol("an object that cannot be inflated"))?;
            let taken = (self.inflater.total_in() - taken) as usize;
            let made = (self.inflater.total_out() - made) as usize;
            self.input.consume(taken);
            if keep {
                data.extend_from_slice(&out[..made]);
            }
            let total = self.inflater.total_out();
            match status {
                Status::StreamEnd if total == size => return Ok(data),
                Status::Ok | Status::BufError if total <= size && taken + made > 0 => {}
                _ => return Err(Cause::protocol("an object of another size than it says")),
            }
        }
    }
}
