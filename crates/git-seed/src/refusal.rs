//! Why an entry is refused.

use crate::path::Rule;

/// Why an entry of a release is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Its path is none that Git, and the file systems it is checked out to, can have.
    #[error("{0}")]
    Path(Rule),
    /// Its path is longer than [`crate::Limits::path`].
    #[error("its path is longer than {0} bytes")]
    LongPath(u64),
    /// It lies below more folders than [`crate::Limits::depth`].
    #[error("it lies below more than {0} folders")]
    Deep(u64),
    /// It is larger than [`crate::Limits::file`].
    #[error("it has {size} bytes, more than the {limit} that a file may have")]
    Large {
        /// Bytes that it has.
        size: u64,
        /// Bytes that it may have.
        limit: u64,
    },
    /// It is neither file, folder nor link.
    #[error("it is {0}, which Git cannot hold")]
    Kind(String),
    /// Only files have content.
    #[error("it is no file, yet has content")]
    Content,
    /// Two headers say different things of it, so that two programs may read two things.
    #[error("its headers disagree about its {0}")]
    Ambiguous(&'static str),
    /// It is a link to nothing.
    #[error("it is a link without a target")]
    NoTarget,
    /// It is a symbolic link to what can be no path.
    #[error("it is a symbolic link to `{0}`, which is not UTF-8 or has a NUL byte")]
    OddTarget(String),
    /// It is a symbolic link to an absolute path, on whatever system.
    #[error("it is a symbolic link to the absolute path `{0}`")]
    AbsoluteTarget(String),
    /// It is a symbolic link that leads out of the tree, maybe through others.
    #[error("it is a symbolic link out of the tree, to `{0}`")]
    LeavesTree(String),
    /// It is a symbolic link into Git's own folder.
    #[error("it is a symbolic link into `.git`: `{0}`")]
    TargetsGit(String),
    /// It is a symbolic link that leads back to itself.
    #[error("it is a symbolic link that leads in a circle, by `{0}`")]
    Circle(String),
    /// Git reads a file of this name, and must not read another by it.
    #[error("it is a symbolic link, and Git would follow it as `{0}`")]
    SpecialLink(&'static str),
    /// It is a hard link to what is not there before it.
    #[error("it is a hard link to `{0}`, which is not before it in the archive")]
    UnseenTarget(String),
    /// It is a hard link to a folder or a symbolic link.
    #[error("it is a hard link to `{0}`, which is no file")]
    TargetNoFile(String),
    /// Its path is there twice.
    #[error("it is there twice")]
    Twice,
    /// It is a file or a link, and a folder of that path is there, too.
    #[error("it is there as a file and as a folder")]
    FileAndFolder,
    /// It lies below a symbolic link.
    #[error("it lies below `{0}`, which is a symbolic link")]
    BelowLink(String),
    /// Its path differs from another only in case or Unicode form.
    #[error("it differs from `{0}` only in case or Unicode form")]
    Twin(String),
}

impl Refusal {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Path(_) | Self::FileAndFolder | Self::Twin(_) => "rename it where the release is made",
            Self::LongPath(_) | Self::Deep(_) | Self::Large { .. } => {
                "raise the limit if this is meant, or leave it out of the release"
            }
            Self::Kind(_) => "leave it out of the release; only files, folders and links can be in it",
            Self::Content | Self::Ambiguous(_) | Self::Twice => {
                "make the archive again with a current tar, from a clean folder"
            }
            Self::NoTarget
            | Self::OddTarget(_)
            | Self::AbsoluteTarget(_)
            | Self::LeavesTree(_)
            | Self::TargetsGit(_)
            | Self::Circle(_) => "let it lead, by a relative path, to a file of the release",
            Self::SpecialLink(_) | Self::BelowLink(_) => "put a file or folder where the link is",
            Self::UnseenTarget(_) | Self::TargetNoFile(_) => {
                "make the archive with `tar --hard-dereference`, so that each file has its content"
            }
        }
    }
}
