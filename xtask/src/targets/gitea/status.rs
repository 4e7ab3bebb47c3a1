//! `gitea status`: what the Git server has.

use std::time::{Duration, SystemTime};

use git_seed::Head;
use serde::Serialize;

use crate::context::Context;
use crate::forge::{self, Server};
use crate::gitea::ServerArgs;
use crate::printable::printable;
use crate::release::Watched;
use crate::report::{Answer, Page, Style};
use crate::seeding::head;

/// Show the Git server, its repository and the release that is there
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct Status {
    #[serde(flatten)]
    server: Server,
    repository: String,
    branch: String,
    /// There if the branch has a commit.
    head: Option<Newest>,
}

/// The newest commit.
#[derive(Serialize)]
struct Newest {
    commit: String,
    author: String,
    date: String,
    /// First line of its message.
    subject: String,
    /// There if seeding made it.
    release: Option<Seeded>,
}

#[derive(Serialize)]
struct Seeded {
    version: Option<String>,
    digest: String,
    source: Option<String>,
}

impl Args {
    /// Runs it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let profile = cx.profile()?.gitea()?;
        let forge = forge::of(cx, &self.server)?;
        let server = forge.server()?;
        let head = if server.has_repository { head(cx, forge.as_ref(), &Watched::new(cx))? } else { None };
        let status = Status {
            server,
            repository: profile.repository.to_string(),
            branch: profile.branch.clone(),
            head: head.map(Newest::of),
        };
        cx.reporter.answer("gitea status", &status)
    }
}

impl Newest {
    fn of(head: Head) -> Self {
        let since = Duration::from_secs(head.date.try_into().unwrap_or_default());
        let date = humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since);
        Self {
            commit: head.commit.to_string(),
            author: printable(&head.author),
            date: date.to_string(),
            subject: printable(head.message.lines().next().unwrap_or_default()),
            release: head.release.map(|note| Seeded {
                version: note.version.as_deref().map(printable),
                digest: printable(&note.digest),
                source: note.source.as_deref().map(printable),
            }),
        }
    }
}

impl Answer for Status {
    fn write(&self, page: &mut Page) {
        page.line(format!("server      {}", self.server.version));
        page.line(format!("repository  {}", self.server.describe));
        if let Some(url) = &self.server.url {
            page.line(format!("address     {url}"));
        }
        if let Some(argo) = &self.server.argo {
            match argo.secrets.as_slice() {
                [] => page.styled(Style::Warn, "argo        no secret of Argo CD leads to this repository"),
                secrets => page.line(format!("argo        reads it by {}", secrets.join(", "))),
            }
        }
        let Some(head) = &self.head else {
            let why = if self.server.has_repository { "no commit yet" } else { "no repository yet" };
            return page.styled(Style::Warn, format!("{:<11} {why}", self.branch));
        };
        page.line(format!("{:<11} {} of {}", self.branch, head.commit, head.date));
        match &head.release {
            Some(release) => {
                let version = release.version.as_deref().unwrap_or("without a version");
                page.line(format!("release     {version}, sha256 {}", release.digest));
                if let Some(source) = &release.source {
                    page.line(format!("made from   {source}"));
                }
            }
            None => {
                page.styled(Style::Warn, format!("release     none: `{}` by {}", head.subject, head.author));
            }
        }
    }
}
