//! What a service says of itself first; see gitprotocol-pack(5) and gitprotocol-v2(5).

use std::io::Read;

use gix_hash::ObjectId;

use crate::cause::Cause;
use crate::packet::Packets;

/// What `git-receive-pack` says.
#[derive(Debug)]
pub(crate) struct Advertised {
    /// The commit of the branch that was asked for.
    pub(crate) tip: Option<ObjectId>,
    /// Whether the report comes on one band of several.
    pub(crate) bands: bool,
    /// Whether it can be told to be quiet.
    pub(crate) quiet: bool,
}

/// Reads the advertisement of `git-receive-pack`, version 0, for the full name
/// of a branch.
pub(crate) fn references<R: Read>(read: R, branch: &str) -> Result<Advertised, Cause> {
    let mut packets = Packets::new(read);
    let Some(first) = packets.text()? else {
        return Err(Cause::protocol("no reference and no capability"));
    };
    let nul = first.iter().position(|byte| *byte == 0);
    let (reference, capabilities) = first.split_at(nul.ok_or_else(|| Cause::protocol("no capabilities"))?);
    let mut tip = tip_of(reference, branch)?;
    let capabilities = String::from_utf8_lossy(&capabilities[1..]).into_owned();
    while let Some(line) = packets.text()? {
        tip = tip.or(tip_of(line, branch)?);
    }
    packets.end();
    let has = |name| capabilities.split(' ').any(|capability| capability == name);
    if !has("report-status") {
        return Err(Cause::Unsupported("`report-status`, by which it would tell the outcome".to_owned()));
    }
    object_format(&capabilities)?;
    Ok(Advertised { tip, bands: has("side-band-64k"), quiet: has("quiet") })
}

/// The id in a line like `<id> <name>`, if the name is `branch`; other names
/// are of no interest, but that the line is one.
fn tip_of(line: &[u8], branch: &str) -> Result<Option<ObjectId>, Cause> {
    if line.starts_with(b"shallow ") {
        return Ok(None);
    }
    let space = line.iter().position(|byte| *byte == b' ');
    let (id, name) = line.split_at(space.ok_or_else(|| Cause::protocol("a reference without a name"))?);
    let id = id_of(id)?;
    Ok((&name[1..] == branch.as_bytes()).then_some(id))
}

/// An id in hexadecimal digits.
pub(crate) fn id_of(hex: &[u8]) -> Result<ObjectId, Cause> {
    match ObjectId::from_hex(hex) {
        Ok(id) if id.kind() == gix_hash::Kind::Sha1 => Ok(id),
        _ => Err(Cause::protocol("an id that is not one of SHA-1")),
    }
}

/// What `git-upload-pack` says in protocol version 2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Abilities {
    /// Whether it can leave trees or blobs out.
    pub(crate) filter: bool,
}

/// Reads the capabilities of `git-upload-pack`.
pub(crate) fn abilities<R: Read>(read: R) -> Result<Abilities, Cause> {
    let mut packets = Packets::new(read);
    if packets.text()? != Some(b"version 2") {
        return Err(Cause::Unsupported("protocol version 2, in which it would tell what it has".to_owned()));
    }
    let mut fetch = None;
    let mut format = String::new();
    while let Some(line) = packets.text()? {
        let line = String::from_utf8_lossy(line);
        match line.split_once('=') {
            Some(("fetch", features)) => fetch = Some(features.split(' ').any(|feature| feature == "filter")),
            Some(("object-format", _)) => format = line.into_owned(),
            None if line == "fetch" => fetch = Some(false),
            _ => {}
        }
    }
    packets.end();
    object_format(&format)?;
    match fetch {
        Some(filter) => Ok(Abilities { filter }),
        None => Err(Cause::Unsupported("the command `fetch`".to_owned())),
    }
}

/// Objects have ids of SHA-1, unless another format is named.
fn object_format(capabilities: &str) -> Result<(), Cause> {
    let formats = capabilities.split(' ').filter_map(|capability| capability.strip_prefix("object-format="));
    let mut formats = formats.peekable();
    if formats.peek().is_none() || formats.any(|format| format == "sha1") {
        return Ok(());
    }
    Err(Cause::Unsupported(
        "objects with SHA-1 ids: the repository was made with another object format".to_owned(),
    ))
}
