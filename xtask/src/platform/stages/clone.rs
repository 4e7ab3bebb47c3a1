//! The stage that proves that clients get the release: by a clone with Git's own program.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use git_seed::{Head, Limits, Origin};

use super::seed::{SEED, short};
use crate::context::Context;
use crate::daemon::{Daemon, Status};
use crate::failure::Failure;
use crate::forge::{self, ForgeStatus};
use crate::git::git;
use crate::gitea::ServerArgs;
use crate::release::{LimitsBy, Rules, Watched, scan};
use crate::seeding::head;
use crate::stage::{Progress, Stage, State};
use crate::state::StateDir;

/// How long a clone may take, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_mins(5);

/// Files are written as they are in the repository, whatever a release says of
/// line ends and the like.
const ATTRIBUTES: &str = "* -text -ident -filter !eol !working-tree-encoding\n";

/// A clone of what is on the branch, compared with it; always made afresh.
pub struct CloneStage {
    /// The forge's daemon.
    pub forge: String,
}

impl Stage for CloneStage {
    fn name(&self) -> &'static str {
        "clone"
    }

    fn needs(&self) -> Vec<&str> {
        vec![SEED]
    }

    fn check(&self, _: &Context) -> anyhow::Result<State> {
        Ok(State::Down("cloning the release".to_owned()))
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        let branch = &cx.profile()?.gitea()?.branch;
        Ok(vec![format!("clone `{branch}` with `git`, and compare the files with what was committed")])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        let profile = cx.profile()?.gitea()?;
        let status: Option<Status<ForgeStatus>> = Daemon::new(cx, &self.forge).status()?;
        let url = status.context("the forge has ended")?.service.url(&profile.repository);
        let watched = Watched::told(cx, |_| ());
        let head = head(cx, forge::of(cx, &ServerArgs::default())?.as_ref(), &watched)?
            .context("the branch has no commit")?;
        let folder = tempfile::Builder::new().prefix("clone-").tempdir_in(StateDir::of(cx).path());
        let folder = folder.with_context(|| unwritable(StateDir::of(cx).path()))?;
        let clone = clone(cx, &url, &profile.branch, folder.path())?;
        let commit = head.commit.to_string();
        let cloned = git(cx).args(["rev-parse", "HEAD"]).dir(&clone).read(cx)?;
        differs_unless(commit == cloned.trim(), &url, &head, cloned.trim())?;
        let count = if head.release.is_some() {
            // What is there has been taken by its limits.
            let limits = Limits { ratio: u64::MAX, ..Limits::default() };
            let rules = Rules { limits, strict: false, by: LimitsBy::Profile };
            let found = scan(cx, &Origin::Folder(clone), &rules, &watched)?;
            differs_unless(found.tree == head.tree, &url, &head, &format!("tree {}", found.tree))?;
            found.files.len()
        } else {
            // A person may commit what no release may hold.
            git(cx).args(["ls-files"]).dir(&clone).read(cx)?.lines().count()
        };
        Ok(format!("{count} files of {} from {url}, as committed", short(&commit)))
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(None)
    }
}

/// A clone of the branch, below `folder`, with the files as they are in the repository.
fn clone(cx: &Context, url: &str, branch: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let (template, clone) = (folder.join("template"), folder.join("clone"));
    let cannot = || unwritable(folder);
    fs::create_dir_all(template.join("info")).with_context(cannot)?;
    fs::write(template.join("info/attributes"), ATTRIBUTES).with_context(cannot)?;
    let branch = format!("--branch={branch}");
    // It is on this machine: no proxy leads there.
    let program = git(cx).args(["-c", "http.proxy=", "clone", "--quiet", "--depth=1", &branch]);
    let program = program.args(["--template"]).args([&template]).args(["--", url]).args([&clone]);
    let (cloned, said) = program.patience(PATIENCE).capture(cx)?;
    if cloned {
        return Ok(clone);
    }
    let failure = Failure::failed(format!("Git cannot clone {url}: {}", said.trim()));
    Err(failure.help("see that the disk is not full, and why with `git clone` of that address").into())
}

fn unwritable(folder: &Path) -> Failure {
    Failure::missing(format!("cannot write to `{}`", folder.display()))
        .help("make it writable and see that its disk is not full")
}

fn differs_unless(same: bool, url: &str, head: &Head, found: &str) -> anyhow::Result<()> {
    if same {
        return Ok(());
    }
    let message = format!("a clone of {url} has {found}, not commit {} with tree {}", head.commit, head.tree);
    Err(Failure::failed(message).help("see what differs with `cargo xtask gitea verify`").into())
}
