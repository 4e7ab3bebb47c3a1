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

mod advertisement;
mod archive;
mod blobs;
mod body;
mod check;
mod collect;
mod commit;
mod delta;
mod entry;
mod error;
mod fault;
mod fetch;
mod folder;
mod hash;
mod hashed;
mod head;
mod http;
mod incoming;
mod index;
mod limits;
mod listing;
mod notes;
mod origin;
mod pack;
mod packet;
mod path;
mod pause;
mod progress;
mod push;
mod refusal;
mod release;
mod remote;
mod report;
mod scan;
mod seed;
mod shown;
mod source;
mod text;
mod trees;
mod watched;

pub use blobs::blobs;
pub use error::{Cause, Error};
pub use fault::Fault;
pub use head::{Head, ReleaseNote, head};
pub use http::{Credentials, HttpRemote};
pub use limits::Limits;
pub use listing::{Listing, files};
pub use origin::{ArchiveFile, Origin};
pub use path::Rule;
pub use progress::{Phase, Progress, Silent};
pub use refusal::Refusal;
pub use release::{File, Mode, Release};
pub use remote::{Remote, Service};
pub use scan::{Rules, scan};
pub use seed::{Outcome, Seeded, seed};
pub use source::Source;
pub use trees::trees;

/// The id of a Git object, SHA-1.
pub use gix_hash::ObjectId;
