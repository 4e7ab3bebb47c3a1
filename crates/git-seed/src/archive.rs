//! Reads an archive from its first byte to its last.

mod extensions;
mod format;
mod gzip;
mod header;
mod member;
mod members;
mod meter;
mod top;
mod zstd;

use std::io::{BufReader, Read};

use crate::entry::{Visit, Watch};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::shown::shown;
use crate::source::Source;
use members::Members;
use meter::{Ends, Meter, Output, Raw};

/// Bytes that are read from a decoder at once: headers of tar's alone would ask
/// it for 512, which takes 2.5 times as long with many small files.
const BUFFER: usize = 128 << 10;

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
    let decoder = format::decoder(Raw::new(raw, &meter), name).map_err(|error| Fault::of(error, name))?;
    let ends = Ends::new(BufReader::with_capacity(BUFFER, Output::new(decoder, &meter)), &meter);

    let mut archive = tar::Archive::new(ends);
    let mut members = Members::new(name, limits, watch);
    let entries = archive.entries().map_err(|error| Fault::of(error, name))?;
    for entry in entries.raw(true) {
        let entry = entry.map_err(|error| members.fault(error, &meter))?;
        members.take(entry, visit)?;
    }
    let top = members.finish(&meter)?;
    end(&mut archive.into_inner(), name)?;
    Ok(Outline { digest: meter.digest(), top })
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
