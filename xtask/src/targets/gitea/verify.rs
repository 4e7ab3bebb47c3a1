//! `gitea verify`: a release compared with the branch.

use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::forge;
use crate::gitea::ServerArgs;
use crate::near::counted;
use crate::printable::one_line;
use crate::release::Watched;
use crate::report::{Answer, Page, Style};
use crate::seeding::{Comparison, ReleaseFlags, verify};

/// Compare a release with the branch, file by file
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    release: ReleaseFlags,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct Verified {
    /// Where the repository is, for people.
    server: String,
    branch: String,
    /// The newest commit; there is none on an empty branch.
    head: Option<String>,
    /// What the release says of its version.
    version: Option<String>,
    files: usize,
    same: bool,
    #[serde(flatten)]
    differs: Comparison,
}

impl Args {
    /// Runs it; fails if anything differs.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let forge = forge::of(cx, &self.server)?;
        let watched = Watched::new(cx);
        let Some((_, release)) = self.release.read(cx, &watched)? else { return Ok(()) };
        let (head, differs) = verify(cx, forge.as_ref(), &release, &watched)?;
        drop(watched);
        let verified = Verified {
            server: forge.describe(),
            branch: cx.profile()?.gitea()?.branch.clone(),
            head: head.map(|head| head.commit.to_string()),
            version: release.version,
            files: release.files.len(),
            same: differs.is_same(),
            differs,
        };
        cx.reporter.answer("gitea verify", &verified)?;
        if verified.same {
            return Ok(());
        }
        let Verified { branch, server, .. } = &verified;
        let message = match verified.head {
            Some(_) => {
                let files = counted(verified.differs.count(), "file");
                format!("`{branch}` of {server} differs from the release in {files}")
            }
            None => format!("`{branch}` of {server} has no commit"),
        };
        Err(Failure::failed(message).help("put the release there with `cargo xtask gitea seed`").into())
    }
}

impl Answer for Verified {
    fn write(&self, page: &mut Page) {
        for (what, paths) in self.differs.lists() {
            for path in paths {
                // What is on the branch may be anybody's.
                page.styled(Style::Bad, format!("{what}: {}", one_line(path)));
            }
        }
        if self.same {
            let Self { server, branch, .. } = self;
            let files = counted(self.files, "file");
            let head = self.head.as_deref().unwrap_or("no commit");
            page.styled(Style::Good, format!("`{branch}` of {server} has all {files} and no others: {head}"));
        }
    }
}
