//! `gitea seed`: a release becomes a commit on the Git server.

use std::time::{Duration, Instant};

use indicatif::HumanBytes;

use crate::context::Context;
use crate::failure::{Exit, Failure, exit_of, help_of};
use crate::forge;
use crate::gitea::ServerArgs;
use crate::near::counted;
use crate::platform;
use crate::profile::ForgeEngine;
use crate::release::Watched;
use crate::report::{Answer, Page, Style};
use crate::seeding::{ReleaseFlags, Seeding, seed};

/// Put the files of a release on the branch, as one commit on top of it
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    release: ReleaseFlags,
    #[command(flatten)]
    server: ServerArgs,
}

impl Args {
    /// Runs it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let since = Instant::now();
        let profile = cx.profile()?.gitea()?;
        let forge = forge::of(cx, &self.server)?;
        let watched = Watched::new(cx);
        let read = self.release.read(cx, &watched).map_err(|error| told(error, "nothing was sent"));
        let Some((origin, release)) = read? else { return Ok(()) };
        if cx.dry_run {
            let (files, bytes) = (counted(release.files.len(), "file"), HumanBytes(release.bytes));
            let (branch, server) = (&profile.branch, forge.describe());
            if !forge.has_repository()? {
                cx.reporter.would(&format!("make the repository {server}"))?;
            }
            return cx.reporter.would(&format!(
                "commit {files} ({bytes}) with tree {} on `{branch}` of {server}, unless it has them",
                release.tree
            ));
        }
        if profile.engine == ForgeEngine::Bare {
            // The repository is of the platform that `down` removes.
            platform::take_turn(cx).map_err(|error| told(error, "nothing was sent"))?;
        }
        let committed = seed(cx, forge.as_ref(), (&origin, &release), &watched, since);
        drop(watched);
        let either = format!("`{}` is as it was, or has the whole release", profile.branch);
        let committed = committed.map_err(|error| told(error, &either))?;
        cx.reporter.answer("gitea seed", &committed)
    }
}

/// The end of a call that the user did not want any more, or whose time was up,
/// says what the branch has, too.
fn told(error: anyhow::Error, state: &str) -> anyhow::Error {
    let (failure, help) = match exit_of(&error) {
        Exit::Interrupted => {
            (Failure::interrupted(format!("interrupted; {state}")), "run the command again to go on")
        }
        Exit::TimedOut => (
            Failure::timed_out(format!("{error}; {state}")),
            help_of(&error).unwrap_or("give it more time with `--timeout`"),
        ),
        _ => return error,
    };
    failure.help(help).into()
}

impl Answer for Seeding {
    fn write(&self, page: &mut Page) {
        let Self { server, branch, head, .. } = self;
        let files = counted(self.files, "file");
        let version = self.version.as_deref().unwrap_or("a release without a version");
        let time = format!("{:.2?}", Duration::from_secs_f64(self.seconds));
        if !self.committed {
            page.styled(Style::Good, format!("{version} is on `{branch}` of {server} already: {head}"));
            return page.line(format!("{files} compared in {time}, nothing sent"));
        }
        page.styled(Style::Good, format!("{version} is on `{branch}` of {server}: {head}"));
        match &self.parent {
            Some(parent) => page.line(format!("on top of {parent}")),
            None => page.line("the first commit"),
        }
        let (bytes, sent) = (HumanBytes(self.bytes), HumanBytes(self.bytes_sent));
        let objects = counted(self.objects as usize, "object");
        page.line(format!("{files} ({bytes}) in {time}: {objects} sent, {sent}"));
    }
}
