//! A checkout as it lies there, in Git's eyes, without a trace in its repository.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::context::Context;
use crate::failure::Failure;
use crate::process::Program;
use crate::state::make_private;

/// A copy of a checkout's index, and a place for objects; gone when it is
/// dropped. What is added there has been through the filters of the
/// repository: line ends are those that a commit would have.
pub struct Snapshot {
    scratch: TempDir,
    objects: PathBuf,
}

impl Snapshot {
    /// A copy of `index`, over the store `objects`.
    pub fn new(cx: &Context, index: &Path, objects: &Path) -> anyhow::Result<Self> {
        let folder = cx.state_root();
        make_private(&folder, "run as the user who made it, or remove it as that user")?;
        let mut source = File::open(index).with_context(|| {
            Failure::failed(format!("cannot read the checkout's index `{}`", index.display()))
                .help("see what `git status` says there")
        })?;
        let cannot = || {
            Failure::failed(format!("cannot copy `{}` to the folder `{}`", index.display(), folder.display()))
                .help("name a folder that has room with the variable `XTASK_STATE_DIR`")
        };
        let scratch = tempfile::Builder::new().prefix(".snapshot-").tempdir_in(&folder);
        let scratch = scratch.with_context(cannot)?;
        let mut copy = File::create_new(scratch.path().join("index")).with_context(cannot)?;
        io::copy(&mut source, &mut copy).with_context(cannot)?;
        fs::create_dir(scratch.path().join("objects")).with_context(cannot)?;
        Ok(Self { scratch, objects: objects.to_owned() })
    }

    /// Git with this index, and with this place for new objects.
    pub fn around(&self, git: Program) -> Program {
        git.variable("GIT_INDEX_FILE", self.scratch.path().join("index"))
            .variable("GIT_OBJECT_DIRECTORY", self.scratch.path().join("objects"))
            .variable("GIT_ALTERNATE_OBJECT_DIRECTORIES", &self.objects)
    }
}
