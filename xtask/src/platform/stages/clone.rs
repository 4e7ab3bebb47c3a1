//! The stage that proves that clients get the release: by a clone with Git's own program.

use std::time::Duration;

use anyhow::Context as _;
use git_seed::{Limits, Origin, Rules};

use super::seed::{SEED, head, short};
use crate::context::Context;
use crate::daemon::{Daemon, Status};
use crate::failure::Failure;
use crate::forge::{self, ForgeStatus};
use crate::git::git;
use crate::gitea::ServerArgs;
use crate::release::{Watched, scan};
use crate::stage::{Progress, Stage, State};
use crate::state::StateDir;

/// How long a clone may take, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_mins(5);

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
        let folder = folder.context("cannot make a folder for the clone")?;
        let clone = git(cx).args(["clone", "--quiet", "--depth=1", "--branch", &profile.branch, "--", &url]);
        let (cloned, said) = clone.args([folder.path()]).patience(PATIENCE).capture(cx)?;
        if !cloned {
            let failure = Failure::failed(format!("Git cannot clone {url}: {}", said.trim()));
            return Err(failure.help("see why with `git clone` of that address").into());
        }
        // What is there has been taken by its limits.
        let rules = Rules { limits: Limits { ratio: u64::MAX, ..Limits::default() }, strict: false };
        let found = scan(cx, &Origin::Folder(folder.path().to_owned()), &rules, &watched)?;
        let commit = head.commit.to_string();
        if found.tree != head.tree {
            let (found, wanted) = (found.tree, head.tree);
            let message = format!("a clone of {url} has tree {found}, and commit {commit} has {wanted}");
            return Err(Failure::failed(message)
                .help("see what differs with `cargo xtask gitea verify`")
                .into());
        }
        Ok(format!("{} files of {} from {url}, as committed", found.files.len(), short(&commit)))
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(None)
    }
}
