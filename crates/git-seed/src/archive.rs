//! Reads an archive from its first byte to its last.

mod ahead;
mod ends;
mod extensions;
mod format;
mod gzip;
mod header;
mod member;
mod members;
mod meter;
mod top;
mod zstd;

use std::cell::Cell;
use std::io::Read;
use std::panic::resume_unwind;
use std::thread;

use crate::entry::{Visit, Watch};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::shown::shown;
use crate::source::Source;
use ahead::{Ahead, Filler};
use ends::Ends;
use members::Members;
use meter::{Meter, Output, Raw};

/// What is known at the end of an archive.
pub(crate) struct Outline {
    /// SHA-256 of the archive as it lies there.
    pub digest: String,
    /// Its one top folder.
    pub top: String,
}

/// Reads the whole of `source` and shows each entry, valid by itself, to `visit`.
pub(crate) fn read(
    source: &dyn Source,
    limits: &Limits,
    watch: Watch<'_>,
    visit: &mut Visit<'_>,
) -> Result<Outline, Fault> {
    let name = &shown(source.name().as_bytes());
    let raw = source.open().map_err(|source| Fault::Open { name: name.clone(), source })?;
    let meter = Meter::new(name, source.size(), limits.ratio, watch);
    let (filler, ahead) = ahead::pair();
    thread::scope(|scope| {
        let decoding = thread::Builder::new()
            .spawn_scoped(scope, move || decode(raw, meter, name, &filler))
            .map_err(|source| Fault::Open { name: name.clone(), source })?;
        let top = members(ahead, name, limits, watch, visit);
        // The digest is whole if all was taken.
        let digest = decoding.join().unwrap_or_else(|panic| resume_unwind(panic));
        Ok(Outline { digest, top: top? })
    })
}

/// Gives what is in the archive, decompressed; its digest, if it could be read
/// to its end.
fn decode(raw: Box<dyn Read + Send>, meter: Meter<'_>, name: &str, filler: &Filler) -> String {
    match format::decoder(Raw::new(raw, &meter), name) {
        Ok(decoder) => filler.fill(&mut Output::new(decoder, &meter)),
        Err(error) => filler.fail(error),
    }
    meter.digest()
}

/// Reads all entries and what comes behind them; the one top folder.
fn members(
    ahead: Ahead,
    name: &str,
    limits: &Limits,
    watch: Watch<'_>,
    visit: &mut Visit<'_>,
) -> Result<String, Fault> {
    let ended = Cell::new(false);
    let mut archive = tar::Archive::new(Ends::new(ahead, &ended));
    let mut members = Members::new(name, limits, watch);
    let entries = archive.entries().map_err(|error| Fault::of(error, name))?;
    for entry in entries.raw(true) {
        let entry = entry.map_err(|error| members.fault(error, ended.get()))?;
        members.take(entry, visit)?;
    }
    let top = members.finish(ended.get())?;
    end(&mut archive.into_inner(), name)?;
    Ok(top)
}

/// Reads what comes behind the first block of the end mark: one more, and then
/// nothing but zeros.
fn end(rest: &mut dyn Read, name: &str) -> Result<(), Fault> {
    match zeros(rest).map_err(|error| Fault::of(error, name))? {
        None => Err(Fault::Garbage { name: name.to_owned() }),
        Some(0..512) => Err(Fault::truncated(name, "within the end mark of tar's")),
        Some(_) => Ok(()),
    }
}

/// Reads to the end: how many bytes there were, if all of them were zero.
fn zeros(reader: &mut dyn Read) -> std::io::Result<Option<u64>> {
    let mut buffer = [0; 8 << 10];
    let mut count = 0;
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(Some(count)),
            read if buffer[..read].iter().any(|byte| *byte != 0) => return Ok(None),
            read => count += read as u64,
        }
    }
}
