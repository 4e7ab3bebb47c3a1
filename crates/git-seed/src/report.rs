//! What `git-receive-pack` says in the end; see gitprotocol-pack(5), "Report Status".

use std::io::Read;

use crate::cause::Cause;
use crate::packet::{Bands, Packets};
use crate::text::Words;

/// Reads the report of a push to one reference.
pub(crate) fn read<R: Read>(answer: R, bands: bool, reference: &str) -> Result<(), Cause> {
    let packets = Packets::new(answer);
    if !bands {
        return report(packets, reference, &mut Words::default());
    }
    let mut words = Words::default();
    let mut inner = Vec::new();
    let mut bands = Bands::new(packets, &mut words);
    bands.by_ref().take(MOST).read_to_end(&mut inner)?;
    drop(bands);
    report(Packets::new(&inner[..]), reference, &mut words)
}

/// Bytes of a report on one reference: far more than one has.
const MOST: u64 = 1 << 20;

fn report<R: Read>(mut packets: Packets<R>, reference: &str, words: &mut Words) -> Result<(), Cause> {
    let Some(unpack) = packets.text()? else {
        return Err(Cause::protocol("an empty report"));
    };
    let Some(outcome) = unpack.strip_prefix(b"unpack ") else {
        return Err(Cause::protocol("a report without the outcome of unpacking"));
    };
    let unpacked = (outcome != b"ok").then(|| Words::of(outcome));
    let mut refused = None;
    let mut accepted = false;
    while let Some(line) = packets.text()? {
        let mut parts = line.splitn(3, |byte| *byte == b' ');
        let (verdict, name) = (parts.next(), parts.next());
        if name != Some(reference.as_bytes()) {
            continue;
        }
        match verdict {
            Some(b"ok") => accepted = true,
            Some(b"ng") => refused = Some(Words::of(parts.next().unwrap_or_default())),
            _ => {}
        }
    }
    match unpacked.map(|reason| format!("the pack was not unpacked: {reason}")).or(refused) {
        Some(reason) => Err(Cause::Refused { reason, says: words.take() }),
        None if accepted => Ok(()),
        None => Err(Cause::protocol("a report without the branch")),
    }
}
