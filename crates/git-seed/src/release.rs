//! What a scan found: the files of a release, and the trees they make.

use gix_hash::ObjectId;

/// The files of a release, validated; what there is to know without their content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// SHA-256 of the archive as it lies there; of a folder, of what
    /// `git ls-tree -r -z` would print of its files. In hexadecimal.
    pub digest: String,
    /// What it says in its file `VERSION`: the first line, trimmed; one printable
    /// line of at most 1 KiB.
    pub version: Option<String>,
    /// What it says in its file `COMMIT_ID`, in the same way.
    pub commit_id: Option<String>,
    /// The one top folder of the archive, which is not part of the tree; `None` for a folder.
    pub top: Option<String>,
    /// Newest time of a file or link, in seconds since 1970, brought into the
    /// years 1970 to 2099; what the commit is dated.
    pub date: i64,
    /// Bytes of all files together.
    pub bytes: u64,
    /// The files in the order in which the source has them.
    pub files: Vec<File>,
    /// The root tree.
    pub tree: ObjectId,
    /// What is allowed but may surprise: one sentence each, in lower case.
    pub warnings: Vec<String>,
}

/// One file of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path under the root of the tree, with `/` between; valid for Git, NTFS and HFS+.
    pub path: String,
    /// What it is.
    pub mode: Mode,
    /// Bytes of its content; of a symbolic link, of its target.
    pub size: u64,
    /// The id of its blob.
    pub id: ObjectId,
}

/// What kind of file it is; Git knows no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `100644`.
    Plain,
    /// `100755`.
    Executable,
    /// `120000`: a symbolic link, whose content is its target.
    Link,
}
