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
//! ```
//! use git_seed::{Origin, Rules, Silent, scan, trees};
//!
//! let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("VERSION"), "3.1.0\n")?;
//! let origin = Origin::Folder(folder.path().to_owned());
//!
//! let release = scan(&origin, &Rules::default(), &Silent)?;
//! assert_eq!(release.version.as_deref(), Some("3.1.0"));
//! // What `git write-tree` says of this file.
//! assert_eq!(release.tree.to_string(), "29a82214f4d5664a44558f6b57d7c05e127aa863");
//! assert_eq!(trees(&release).last().map(|(id, _)| id), Some(release.tree));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! This crate neither prints, nor reads the environment, nor starts a program:
//! the caller brings the [`Remote`], and a [`Progress`] to be told.
//!
//! ```
//! use git_seed::{Cause, HttpRemote, Origin, Rules, Silent};
//!
//! let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("README"), "Hello\n")?;
//! let origin = Origin::Folder(folder.path().to_owned());
//! let release = git_seed::scan(&origin, &Rules::default(), &Silent)?;
//! assert_eq!(release.files[0].id.to_string(), "e965047ad7c57865823c7d992b1d046ea66edf78");
//!
//! // Nobody listens there; else the files would be the head of `main` now.
//! let remote = HttpRemote::new(ureq::agent(), "http://127.0.0.1:1/hello.git", None)?;
//! let error = git_seed::seed(&origin, &release, &remote, "main", &Silent).unwrap_err();
//! assert!(matches!(error.cause(), Cause::Unreachable(_)));
//! assert!(error.to_string().starts_with("`http://127.0.0.1:1/hello.git` cannot be reached"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod advertisement;
mod archive;
mod blobs;
mod body;
mod cause;
mod certificate;
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
mod root;
mod scan;
mod seed;
mod seeding;
mod shown;
mod source;
mod text;
mod trees;
mod watched;

pub use blobs::blobs;
pub use cause::Cause;
pub use commit::{AUTHOR, DIGEST_TRAILER};
pub use error::Error;
pub use fault::Fault;
pub use head::{Head, ReleaseNote, head};
pub use http::{Credentials, EarlyAnswers, HttpRemote};
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
pub use text::{one_line, printable};
pub use trees::trees;

/// The id of a Git object, SHA-1.
pub use gix_hash::ObjectId;
