//! Repositories in Gitea.

use serde::{Deserialize, Serialize};

use super::{Client, Credentials};
use crate::failure::Failure;
use crate::profile::RepositoryRef;

/// A repository.
#[derive(Clone, Debug, Deserialize)]
pub struct Repository {
    /// `owner/name`, as Gitea writes it.
    pub full_name: String,
    /// Nobody can push to it.
    #[serde(default)]
    pub archived: bool,
    /// It follows another, and nobody can push to it.
    #[serde(default)]
    pub mirror: bool,
    /// It has no commit, as far as Gitea has noticed: a moment after a push it
    /// has not.
    #[serde(default)]
    pub empty: bool,
}

/// Who may push to a branch; its head is asked for by Git itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Branch {
    /// Rules say who may push to it.
    #[serde(default)]
    pub protected: bool,
    /// Whether who asks may. Without a word, the push itself tells.
    pub user_can_push: Option<bool>,
}

#[derive(Serialize)]
struct NewRepository<'a> {
    name: &'a str,
    default_branch: &'a str,
    private: bool,
    auto_init: bool,
}

impl Repository {
    /// Fails if nobody can push to it.
    pub fn check(&self) -> anyhow::Result<()> {
        let name = &self.full_name;
        let failed = |why: &str, help: &str| Failure::failed(format!("repository `{name}` {why}")).help(help);
        if self.archived {
            let help = "take it out of the archive in its settings, or name another in the profile";
            return Err(failed("is archived: nobody can push to it", help).into());
        }
        if self.mirror {
            let help = "make it a plain repository in its settings, or name another in the profile";
            return Err(failed("is a mirror: nobody can push to it", help).into());
        }
        Ok(())
    }
}

impl Client {
    /// The repository; `None` if there is none that these credentials may see.
    /// Fails if it has another name by now.
    pub async fn repository(
        &self,
        by: &Credentials,
        name: &RepositoryRef,
    ) -> anyhow::Result<Option<Repository>> {
        let answer = self.get(&format!("repos/{}/{}", name.owner, name.name), Some(by)).await?;
        match answer.status {
            200 => answer.content().map(Some),
            404 => Ok(None),
            _ => Err(answer.refusal(&format!("look for repository `{name}`"), Some(by)).into()),
        }
    }

    /// Makes a private repository with no commit in it. Says whether it was
    /// made; one that is there already is left as it is.
    pub async fn create_repository(
        &self,
        by: &Credentials,
        name: &RepositoryRef,
        branch: &str,
    ) -> anyhow::Result<bool> {
        let new = NewRepository { name: &name.name, default_branch: branch, private: true, auto_init: false };
        let answer = match self.creator(by, name).await? {
            Creator::Owner => self.post("user/repos", by, &new).await?,
            Creator::Admin => self.post(&format!("admin/users/{}/repos", name.owner), by, &new).await?,
        };
        match answer.status {
            201 => Ok(true),
            409 => Ok(false),
            _ => Err(answer.refusal(&format!("make repository `{name}`"), Some(by)).into()),
        }
    }

    /// As whom the repository would be made: `POST /user/repos` makes it for
    /// whoever asks, whatever the owner's name was meant to be.
    async fn creator(&self, by: &Credentials, name: &RepositoryRef) -> anyhow::Result<Creator> {
        let answer = self.get("user", Some(by)).await?;
        if answer.status != 200 {
            return Err(answer.refusal(&format!("make repository `{name}`"), Some(by)).into());
        }
        let user: super::users::User = answer.content()?;
        match user {
            user if user.login.eq_ignore_ascii_case(&name.owner) => Ok(Creator::Owner),
            user if user.is_admin => Ok(Creator::Admin),
            user => {
                let message = format!(
                    "cannot make repository `{name}`: the credentials are those of `{}`, and not of its owner",
                    user.login
                );
                Err(Failure::missing(message).help(format!("give those of `{}`", name.owner)).into())
            }
        }
    }

    /// A branch of a repository that is there; `None` if there is no such branch.
    pub async fn branch(
        &self,
        by: &Credentials,
        name: &RepositoryRef,
        branch: &str,
    ) -> anyhow::Result<Option<Branch>> {
        let path = format!("repos/{}/{}/branches/{branch}", name.owner, name.name);
        let answer = self.get(&path, Some(by)).await?;
        match answer.status {
            200 => answer.content().map(Some),
            404 => Ok(None),
            _ => Err(answer.refusal(&format!("look for branch `{branch}` of `{name}`"), Some(by)).into()),
        }
    }
}

enum Creator {
    Owner,
    Admin,
}
