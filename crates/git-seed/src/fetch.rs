//! Asking `git-upload-pack` in protocol version 2; see gitprotocol-v2(5).

use std::io::{self, Cursor, Read};

use gix_hash::ObjectId;
use gix_packetline::PacketLineRef;

use crate::advertisement::{Abilities, abilities, id_of};
use crate::cause::Cause;
use crate::incoming::{Received, receive};
use crate::packet::{Bands, Packets, delimiter, flush, line};
use crate::text::Words;
use crate::watched::{Meter, Watched};
use crate::{Remote, Service};

/// The name this program gives itself in the protocol.
pub(crate) const AGENT: &str = concat!("agent=git-seed/", env!("CARGO_PKG_VERSION"));

/// A commit without its parents.
const ONE: &str = "deepen 1";

/// The half of a server that gives.
pub(crate) struct Upload<'r> {
    remote: &'r dyn Remote,
    meter: &'r Meter<'r>,
    abilities: Abilities,
}

impl<'r> Upload<'r> {
    /// Asks what the server can do.
    pub(crate) fn open(remote: &'r dyn Remote, meter: &'r Meter<'r>) -> Result<Self, Cause> {
        let says = remote.advertisement(Service::UploadPack)?;
        let abilities = abilities(meter.watch(says)).map_err(Cause::of_reading)?;
        Ok(Self { remote, meter, abilities })
    }

    /// The commit that a reference, given by its full name, is at.
    pub(crate) fn tip(&self, reference: &str) -> Result<Option<ObjectId>, Cause> {
        let request = request("ls-refs", &[format!("ref-prefix {reference}")])?;
        let mut packets = Packets::new(self.call(request)?);
        let mut tip = None;
        while let Some(line) = packets.text().map_err(Cause::of_reading)? {
            let mut words = line.split(|byte| *byte == b' ');
            if let (Some(id), Some(name)) = (words.next(), words.next())
                && name == reference.as_bytes()
            {
                tip = Some(id_of(id)?);
            }
        }
        packets.end();
        Ok(tip)
    }

    /// One commit without anything else, where the server can do that.
    pub(crate) fn commit(&self, id: &ObjectId) -> Result<Vec<u8>, Cause> {
        let received = self.fetch(id, "tree:0", Some(ONE.to_owned()), Some(id))?;
        received.commit(id).map(<[u8]>::to_vec)
    }

    /// A commit and all its trees.
    pub(crate) fn trees(&self, id: &ObjectId) -> Result<Received, Cause> {
        self.fetch(id, "blob:none", Some(ONE.to_owned()), None)
    }

    /// The commits that lead to `id` from `before`, or from the beginning.
    pub(crate) fn commits(&self, id: &ObjectId, before: Option<&ObjectId>) -> Result<Received, Cause> {
        let have = before.map(|before| format!("have {before}"));
        self.fetch(id, "tree:0", have, None)
    }

    /// Without filters in the server more comes, which is passed over.
    fn fetch(
        &self,
        id: &ObjectId,
        filter: &str,
        depth: Option<String>,
        until: Option<&ObjectId>,
    ) -> Result<Received, Cause> {
        let mut lines = vec!["ofs-delta".to_owned(), "no-progress".to_owned(), format!("want {id}")];
        lines.extend(depth);
        if self.abilities.filter {
            lines.push(format!("filter {filter}"));
        }
        lines.push("done".to_owned());
        let mut packets = Packets::new(self.call(request("fetch", &lines)?)?);
        find_pack(&mut packets).and_then(|()| receive_pack(packets, until)).map_err(Cause::of_reading)
    }

    fn call(&self, request: Vec<u8>) -> io::Result<Watched<'r, Box<dyn Read + 'r>>> {
        let answer = self.remote.call(Service::UploadPack, Box::new(Cursor::new(request)))?;
        Ok(self.meter.watch(answer))
    }
}

fn request(command: &str, lines: &[String]) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    line(&mut out, &format!("command={command}"))?;
    line(&mut out, AGENT)?;
    line(&mut out, "object-format=sha1")?;
    delimiter(&mut out)?;
    for text in lines {
        line(&mut out, text)?;
    }
    flush(&mut out)?;
    Ok(out)
}

fn receive_pack<R: Read>(packets: Packets<R>, until: Option<&ObjectId>) -> Result<Received, Cause> {
    let mut words = Words::default();
    let mut bands = Bands::new(packets, &mut words);
    let received = receive(&mut bands, until)?;
    bands.end();
    Ok(received)
}

/// Passes over the sections of an answer until that of the pack.
fn find_pack<R: Read>(packets: &mut Packets<R>) -> Result<(), Cause> {
    loop {
        match packets.next()? {
            PacketLineRef::Data(b"packfile\n" | b"packfile") => return Ok(()),
            PacketLineRef::Data(_) | PacketLineRef::Delimiter => {}
            PacketLineRef::Flush | PacketLineRef::ResponseEnd => {
                return Err(Cause::protocol("an answer without a pack"));
            }
        }
    }
}
