//! What can be wrong with a release.

use std::io;

use crate::refusal::Refusal;
use crate::shown::shown;

/// Why a release cannot be taken. Names in it are printable and short whatever
/// bytes they have; [`Fault::help`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each field is a part of the message that stands above it")]
pub enum Fault {
    /// It is not there, or may not be read.
    #[error("`{name}` cannot be opened")]
    Open { name: String, source: io::Error },
    /// The system failed to read it.
    #[error("`{name}` cannot be read")]
    Read { name: String, source: io::Error },
    /// [`crate::Progress::is_cancelled`] said so.
    #[error("reading `{name}` was given up")]
    Interrupted { name: String, source: io::Error },
    /// It is something else than a tar archive.
    #[error("`{name}` is {found}, not a tar archive")]
    Format { name: String, found: &'static str },
    /// It ends too early.
    #[error("`{name}` is truncated: it ends {place}")]
    Truncated { name: String, place: String },
    /// It cannot be decompressed, or not to what its checksum says.
    #[error("`{name}` is damaged: {why}")]
    Damaged { name: String, why: String },
    /// It goes on behind its end.
    #[error("`{name}` goes on after its end with something else than zeros")]
    Garbage { name: String },
    /// Decompressing would take too much memory.
    #[error("`{name}` takes {window} bytes of memory to decompress, more than {limit}")]
    Window { name: String, window: u64, limit: u64 },
    /// A header of tar's cannot be read.
    #[error("`{name}` has a header that cannot be read, {place}: {why}")]
    Header { name: String, place: String, why: String },
    /// One entry is refused.
    #[error("`{entry}` is refused: {refusal}")]
    Entry { entry: String, refusal: Refusal },
    /// A file lies outside of the one top folder.
    #[error("`{name}` has `{entry}` outside of a top folder")]
    NoTop { name: String, entry: String },
    /// There are several top folders.
    #[error("`{name}` has more than one top folder: `{first}` and `{second}`")]
    SeveralTops { name: String, first: String, second: String },
    /// There is no file in it.
    #[error("`{name}` holds no file")]
    Empty { name: String },
    /// It goes beyond one of [`crate::Limits`]: `key` is the field, or `names`
    /// for [`crate::Limits::NAMES`], which cannot be raised.
    #[error("`{name}` goes beyond the limit `{key}`: {what}")]
    Limit { name: String, key: &'static str, what: String },
    /// What was read the second time is not what was read the first time.
    #[error("`{name}` was changed while it was read")]
    Changed { name: String },
    /// The caller of [`crate::blobs`] could not use what was read.
    #[error("the content of a file could not be passed on")]
    Visit { source: io::Error },
}

impl Fault {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Open { .. } | Self::Read { .. } => "check that it is there and may be read",
            Self::Interrupted { .. } | Self::Changed { .. } => "run it again",
            Self::Format { .. } => "give a tar archive: plain, or compressed with gzip or zstd",
            Self::Truncated { .. } | Self::Damaged { .. } | Self::Garbage { .. } | Self::Header { .. } => {
                "get the archive again, and compare its SHA-256 with the one that was published"
            }
            Self::Window { .. } => "compress it with zstd's level 19 or less, without `--long`",
            Self::Entry { refusal, .. } => refusal.help(),
            Self::NoTop { .. } | Self::SeveralTops { .. } => {
                "make the archive so that all files lie in one top folder, as `git archive --prefix` does"
            }
            Self::Empty { .. } => "check that it is the right archive or folder",
            Self::Limit { key: "names", .. } => "shorten the paths in the release, or leave files out",
            Self::Limit { .. } => "raise the limit if the release is meant to be so",
            Self::Visit { .. } => "see the cause",
        }
        .to_owned()
    }

    pub(crate) fn entry(name: &[u8], refusal: Refusal) -> Self {
        Self::Entry { entry: shown(name), refusal }
    }

    pub(crate) fn interrupted(name: &str) -> Self {
        let source = io::Error::from(io::ErrorKind::Interrupted);
        Self::Interrupted { name: name.to_owned(), source }
    }

    pub(crate) fn limit(name: &str, key: &'static str, what: impl Into<String>) -> Self {
        Self::Limit { name: name.to_owned(), key, what: what.into() }
    }

    pub(crate) fn truncated(name: &str, place: impl Into<String>) -> Self {
        Self::Truncated { name: name.to_owned(), place: place.into() }
    }

    pub(crate) fn changed(name: &str) -> Self {
        Self::Changed { name: name.to_owned() }
    }

    /// The fault that an error carries through a reader, else that reading `name` failed.
    pub(crate) fn of(error: io::Error, name: &str) -> Self {
        error.downcast().unwrap_or_else(|source| Self::Read { name: name.to_owned(), source })
    }

    /// Whether it is the release that changed, where it has been found good before.
    pub(crate) fn is_of_content(&self) -> bool {
        !matches!(self, Self::Open { .. } | Self::Read { .. } | Self::Interrupted { .. } | Self::Visit { .. })
    }
}

/// So that a fault can be told through a [`std::io::Read`]. Never of the kind
/// `Interrupted`, which readers take as a reason to try again.
impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}
