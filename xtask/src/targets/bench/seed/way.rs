//! The ways to seed that are compared.

use std::path::Path;

use serde::Serialize;

use super::measured;
use super::repository::Repository;
use super::{fast_import, unpack};
use crate::context::Context;
use crate::git::git;
use crate::process::Program;

/// Who commits where Git's own program does. Git would tidy up behind our back
/// after so many objects, in the next one's time.
const SETTINGS: [&str; 4] =
    ["user.name=bench", "user.email=bench@localhost", "gc.auto=0", "maintenance.auto=false"];

/// A way to seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// What this program replaces.
    Unpack,
    /// The fastest that Git's own programs can do.
    FastImport,
    /// This program.
    GiteaSeed,
}

/// A seeding that is asked for.
pub struct Task<'a> {
    pub cx: &'a Context,
    pub archive: &'a Path,
    pub to: &'a Repository<'a>,
    /// Where this way may work: it is not there yet.
    pub scratch: &'a Path,
    /// The commit's message, which differs each time: two alike in one second
    /// were one commit, and the second were not sent.
    pub message: &'a str,
    /// The call of this program that seeds, for the repository's host.
    pub call: Program,
}

impl Way {
    /// All of them; the first is the one that the others are compared with.
    pub const ALL: [Self; 3] = [Self::Unpack, Self::FastImport, Self::GiteaSeed];

    /// As it is in the answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unpack => "unpack",
            Self::FastImport => "fast_import",
            Self::GiteaSeed => "gitea_seed",
        }
    }

    /// What it does.
    pub fn what(self) -> &'static str {
        match self {
            Self::Unpack => "`tar --extract`, `git init`, `git add`, `git commit`, `git push --force`",
            Self::FastImport => {
                "`git fast-import` of what is read from the tarball, and `git push --force`; the reader's \
                 memory does not count"
            }
            Self::GiteaSeed => "`gitea seed --tarball`, on top of what is there",
        }
    }

    /// Seeds; the most bytes that one process had in memory.
    pub fn seed(self, task: &Task<'_>) -> anyhow::Result<u64> {
        match self {
            Self::Unpack => unpack::seed(task),
            Self::FastImport => fast_import::seed(task),
            Self::GiteaSeed => measured::run(task.cx, &task.call()),
        }
    }
}

impl Task<'_> {
    /// Git's program, in the scratch folder.
    pub fn git(&self) -> Program {
        let git = git(self.cx).args(SETTINGS.iter().flat_map(|setting| ["-c", setting])).dir(self.scratch);
        self.to.access().variables.iter().fold(git, |git, (name, value)| git.variable(name, value))
    }

    /// Pushes the branch of the scratch folder's repository; the most bytes that
    /// one process had in memory.
    pub fn push(&self) -> anyhow::Result<u64> {
        let push = self.git().args(["push", "--quiet", "--force", "--"]).args([&self.to.access().address]);
        measured::run(self.cx, &push.args([self.to.branch()]))
    }

    fn call(&self) -> Program {
        let overrides = self.cx.overrides().iter().flat_map(|it| ["--set", it]);
        let flags =
            self.to.access().flags.iter().flat_map(|(name, value)| [name.as_ref(), value.as_os_str()]);
        self.call.clone().args(overrides).args(flags).args(["--tarball".as_ref(), self.archive])
    }
}
