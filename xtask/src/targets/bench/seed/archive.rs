//! An input as a release's tarball.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use super::input::{Edition, Input};
use crate::context::Context;
use crate::release::still_wanted;

/// Its one top folder.
const TOP: &str = "release";
/// When all its files were changed last, in seconds since 1970.
const TIME: u64 = 1_700_000_000;

/// How much there is in a tarball.
#[derive(Clone, Copy)]
pub struct Size {
    pub files: usize,
    /// Of the files together.
    pub bytes: u64,
    /// Of the tarball.
    pub archive_bytes: u64,
}

/// Writes the tarball, gzip's usual way.
pub fn write(cx: &Context, input: Input, edition: Edition, path: &Path) -> anyhow::Result<Size> {
    let cannot = || format!("cannot write `{}`", path.display());
    let file = File::create(path).with_context(cannot)?;
    let mut builder = Builder::new(GzEncoder::new(BufWriter::new(file), Compression::default()));
    let (mut files, mut bytes) = (0, 0);
    for (name, content) in input.files(edition) {
        still_wanted(cx)?;
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(TIME);
        builder.append_data(&mut header, format!("{TOP}/{name}"), &content[..]).with_context(cannot)?;
        files += 1;
        bytes += content.len() as u64;
    }
    let written = builder.into_inner().and_then(GzEncoder::finish).with_context(cannot)?;
    let file = written.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(cannot)?;
    let archive_bytes = file.metadata().with_context(cannot)?.len();
    Ok(Size { files, bytes, archive_bytes })
}
