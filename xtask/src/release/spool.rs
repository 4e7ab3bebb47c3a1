//! A release that can be read only once, kept as long as it is needed.

use std::io::{self, Read};

use anyhow::Context as _;
use git_seed::{ArchiveFile, Origin};

use super::watched::still_wanted;
use crate::context::Context;
use crate::failure::Failure;

/// How much is read at once, in bytes.
const CHUNK: u64 = 64 << 10;

/// Keeps all of `reader` in a file without a name; refuses more than `limit` bytes.
pub fn spool(cx: &Context, mut reader: impl Read, name: &str, limit: u64) -> anyhow::Result<Origin> {
    let mut file = tempfile::tempfile().context("cannot make a temporary file")?;
    let mut count = 0;
    loop {
        still_wanted(cx)?;
        let mut chunk = reader.by_ref().take(CHUNK);
        let read = io::copy(&mut chunk, &mut file).with_context(|| format!("cannot keep {name}"))?;
        count += read;
        if read == 0 {
            break;
        }
        if count > limit {
            let message = format!("{name} goes on after {limit} bytes");
            return Err(Failure::failed(message)
                .help("raise `--max-total-mib` if it is meant to be so")
                .into());
        }
    }
    let archive = ArchiveFile::of(file, name).with_context(|| format!("cannot keep {name}"))?;
    Ok(Origin::Archive(Box::new(archive)))
}
