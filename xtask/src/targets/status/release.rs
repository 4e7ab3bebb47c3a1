//! The release on the branch of the forge that `up` starts.

use git_seed::Head;
use serde::Serialize;

use super::told;
use crate::context::Context;
use crate::forge::Forge as _;
use crate::forge::bare::Bare;
use crate::printable::printable;
use crate::profile::{ForgeEngine, Kubernetes};
use crate::release::Watched;
use crate::report::{Page, Style};
use crate::seeding::head;
use crate::stand_in::roles;

/// What the branch has.
#[derive(Serialize)]
pub struct Release {
    /// The repository, for people.
    repository: String,
    branch: String,
    /// The newest commit; none where nothing was seeded.
    commit: Option<String>,
    /// The version of the release, where the commit is one and says it.
    version: Option<String>,
    /// SHA-256 of the release's archive, where the commit is one.
    digest: Option<String>,
    /// Why it cannot be told what is there.
    error: Option<String>,
}

impl Release {
    /// Looks, where `up` puts a release on a branch; that the repository cannot
    /// be read is shown, and left in `silent`.
    pub fn look(cx: &Context, silent: &mut Option<anyhow::Error>) -> anyhow::Result<Option<Self>> {
        let profile = cx.profile()?;
        let bare = profile.gitea.as_ref().filter(|gitea| gitea.engine == ForgeEngine::Bare);
        let Some(gitea) = bare.filter(|_| profile.kubernetes == Kubernetes::None) else { return Ok(None) };
        if !roles(profile).iter().any(|role| gitea.stands_for(&role.service)) {
            return Ok(None);
        }
        let forge = Bare::of(cx)?;
        let (head, error) = told(newest(cx, &forge), silent);
        let note = head.as_ref().and_then(|head| head.release.as_ref());
        Ok(Some(Self {
            repository: forge.describe(),
            branch: gitea.branch.clone(),
            version: note.and_then(|note| note.version.as_deref()).map(printable),
            digest: note.map(|note| printable(&note.digest)),
            commit: head.map(|head| head.commit.to_string()),
            error,
        }))
    }

    /// Whether there is something for clients to read.
    pub fn is_there(&self) -> bool {
        self.commit.is_some()
    }

    pub(super) fn write(&self, page: &mut Page) {
        let Self { repository, branch, commit, version, digest, error } = self;
        let place = format!("on `{branch}` of {repository}");
        let (style, what) = match (commit, error) {
            (_, Some(_)) => (Style::Bad, format!("what is {place} cannot be told")),
            (None, None) => (Style::Bad, format!("nothing is {place}")),
            (Some(commit), None) => {
                let what = match (version, digest) {
                    (Some(version), _) => version,
                    (None, Some(_)) => "a release without a version",
                    (None, None) => "a commit that is no release",
                };
                (Style::Plain, format!("{what} is {place}: {commit}"))
            }
        };
        page.folded(style, 0, format!("release: {what}"));
    }
}

fn newest(cx: &Context, forge: &Bare<'_>) -> anyhow::Result<Option<Head>> {
    if forge.has_repository()? { head(cx, forge, &Watched::told(cx, |_| ())) } else { Ok(None) }
}
