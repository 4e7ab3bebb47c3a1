//! The newest commit of a branch, and what it says of a release.

use gix_hash::ObjectId;

use crate::cause::Cause;
use crate::commit;
use crate::error::Error;
use crate::fetch::Upload;
use crate::shown::shown;
use crate::watched::Meter;
use crate::{Progress, Remote};

/// The newest commit of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The commit.
    pub commit: ObjectId,
    /// Its root tree.
    pub tree: ObjectId,
    /// Who made it, as `Name <address>`.
    pub author: String,
    /// When it was committed, in seconds since 1970.
    pub date: i64,
    /// The whole message.
    pub message: String,
    /// What the message says of a release, if [`seed`](crate::seed) wrote it.
    pub release: Option<ReleaseNote>,
}

/// What a commit's message says of the release that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseNote {
    /// What the release said of its version.
    pub version: Option<String>,
    /// SHA-256 of the archive, in hexadecimal digits.
    pub digest: String,
    /// The commit it was built from, or the archive's top folder.
    pub source: Option<String>,
}

/// The newest commit of a branch; `None` where there is no such branch yet.
///
/// Nothing but the right to read is needed.
///
/// # Errors
///
/// As [`Cause`] lists them.
pub fn head(remote: &dyn Remote, branch: &str, progress: &dyn Progress) -> Result<Option<Head>, Error> {
    let meter = Meter::new(progress);
    let read = || {
        let reference = full_name(branch)?;
        let upload = Upload::open(remote, &meter)?;
        upload.tip(&reference)?.map(|id| commit::parse(id, &upload.commit(&id)?)).transpose()
    };
    read().map_err(|cause| Error::new(remote.name(), cause))
}

/// The full name of a branch, if Git allows it.
pub(crate) fn full_name(branch: &str) -> Result<String, Cause> {
    let name = format!("refs/heads/{branch}");
    match gix_validate::reference::name(name.as_bytes().into()) {
        Ok(_) => Ok(name),
        Err(_) => Err(Cause::Branch(shown(branch.as_bytes()))),
    }
}
