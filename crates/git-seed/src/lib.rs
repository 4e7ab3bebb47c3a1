//! Puts the files of a release on a branch of a Git server as one commit,
//! straight from the archive.
//!
//! An archive is read twice. [`scan`] validates every entry, and computes the
//! trees that a commit of them has; nothing has been sent by then. [`seed`]
//! compares that with the branch, and if it differs reads the archive again,
//! sends what the server lacks as one pack, and moves the branch: from exactly
//! the commit that was seen, never by force. Nothing is unpacked on disk, and
//! memory grows with the number of files, not with their sizes.
//!
//! This crate neither prints, nor reads the environment, nor starts a program:
//! the caller brings the [`Remote`], and a [`Progress`] to be told.

mod archive;
mod blobs;
mod check;
mod collect;
mod entry;
mod fault;
mod folder;
mod hash;
mod index;
mod limits;
mod notes;
mod origin;
mod path;
mod progress;
mod refusal;
mod release;
mod scan;
mod shown;
mod source;
mod trees;

mod remote;

pub use blobs::blobs;
pub use fault::Fault;
pub use limits::Limits;
pub use origin::{ArchiveFile, Origin};
pub use path::Rule;
pub use progress::{Phase, Progress, Silent};
pub use refusal::Refusal;
pub use release::{File, Mode, Release};
pub use scan::{Rules, scan};
pub use source::Source;
pub use trees::trees;

pub use remote::{Remote, Service};

/// The id of a Git object, SHA-1.
pub use gix_hash::ObjectId;
