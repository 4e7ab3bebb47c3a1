//! Gitea, in a cluster or elsewhere.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use git_seed::Remote;
use secrecy::ExposeSecret as _;

use super::{Forge, Server};
use crate::context::{Context, clean_up};
use crate::failure::Failure;
use crate::gitea::{self, ANSWER, Argo, Branch, Client, Credentials, PATIENCE, PushToken, ServerArgs};
use crate::https::Ending;
use crate::ownership::Owner;
use crate::profile::GiteaProfile;

/// Gitea, asked for the first time when there is something to ask. What is
/// read is read by the owner's password, what is pushed by a token that is
/// good for nothing else: made when there is something to push, and taken back
/// when this is dropped.
pub struct Gitea<'a> {
    cx: &'a Context,
    args: &'a ServerArgs,
    profile: &'a GiteaProfile,
    opened: OnceLock<Opened>,
    /// What is to be taken back.
    tokens: Mutex<Vec<PushToken>>,
}

/// How long it may take to take the token back once the call is interrupted
/// or out of time.
const GRACE: Duration = Duration::from_secs(10);

/// The way to it, and who we are.
struct Opened {
    client: Client,
    by: Credentials,
    /// Of Git's requests.
    _ending: Ending,
}

impl<'a> Gitea<'a> {
    /// That of the chosen profile, reached as the flags say.
    pub fn of(cx: &'a Context, args: &'a ServerArgs) -> anyhow::Result<Self> {
        let profile = cx.profile()?.gitea()?;
        Ok(Self { cx, args, profile, opened: OnceLock::new(), tokens: Mutex::default() })
    }

    fn opened(&self) -> anyhow::Result<&Opened> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let opened = self.wait(async {
            let client = gitea::open(self.cx, self.args).await?.there()?;
            let by = gitea::owner(self.cx, self.args).await?;
            let ending = Ending::of(self.cx, client.git().clone())?;
            Ok(Opened { client, by, _ending: ending })
        })?;
        self.cx.reporter.detail(&format!("Gitea is reached by its {}", opened.client.way()));
        Ok(self.opened.get_or_init(|| opened))
    }

    fn wait<T>(&self, asking: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        self.cx.block_on(self.cx.deadline.or(PATIENCE), ANSWER, asking)?
    }

    /// Where the repository is, for Git.
    fn address(&self, client: &Client) -> String {
        format!("{}/{}.git", client.base(), self.profile.repository)
    }

    fn read_with(&self, Opened { by, .. }: &Opened) -> git_seed::Credentials {
        match by {
            Credentials::Password { user, password } => {
                git_seed::Credentials::basic(user, password.expose_secret())
            }
            // Gitea takes the account from the token.
            Credentials::Token(token) => {
                git_seed::Credentials::basic(&self.profile.repository.owner, token.expose_secret())
            }
        }
    }

    /// A token that was given, else one that is made for this.
    fn push_with(&self, opened: &Opened) -> anyhow::Result<git_seed::Credentials> {
        let Opened { client, by, .. } = opened;
        let Credentials::Password { user, .. } = by else { return Ok(self.read_with(opened)) };
        let owner = Owner::of(self.cx);
        self.wait(client.sweep_tokens(by, user, &owner))?;
        let token = PushToken::new(user, &owner)?;
        // Gitea may make it, and the answer be lost.
        self.tokens().push(token.clone());
        let made = self.wait(client.make_token(by, &token))?;
        let value = made.inspect_err(|_| self.tokens().retain(|other| other.name != token.name))?;
        Ok(git_seed::Credentials::basic(user, value.expose_secret()))
    }

    fn tokens(&self) -> MutexGuard<'_, Vec<PushToken>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if rules keep these credentials from pushing: Git would tell only
    /// once all has been sent.
    fn check(&self, branch: &Branch, by: &Credentials) -> anyhow::Result<()> {
        if branch.protected && branch.user_can_push == Some(false) {
            let (name, repository) = (&self.profile.branch, &self.profile.repository);
            let message =
                format!("branch `{name}` of `{repository}` is protected, and not to be pushed to by {by}");
            let help =
                "let the account push in the repository's settings, or name another branch in the profile";
            return Err(Failure::missing(message).help(help).into());
        }
        Ok(())
    }

    async fn make(&self, Opened { client, by, .. }: &Opened) -> anyhow::Result<bool> {
        let GiteaProfile { repository: name, branch, .. } = self.profile;
        if let Some(repository) = client.repository(by, name).await? {
            repository.check()?;
            // Of one that it takes for empty Gitea cannot show a branch, and
            // fails with 500 if there is one (`routers/api/v1/repo/branch.go`).
            if !repository.empty
                && let Some(branch) = client.branch(by, name, branch).await?
            {
                self.check(&branch, by)?;
            }
            return Ok(false);
        }
        client.create_repository(by, name, branch).await
    }
}

impl Forge for Gitea<'_> {
    fn describe(&self) -> String {
        format!("`{}` on Gitea", self.profile.repository)
    }

    fn server(&self) -> anyhow::Result<Server> {
        let opened @ Opened { client, by, .. } = self.opened()?;
        let name = &self.profile.repository;
        let (version, repository) =
            self.wait(async { Ok((client.version(Some(by)).await?, client.repository(by, name).await?)) })?;
        Ok(Server {
            version: format!("Gitea {version}, by its {}", opened.client.way()),
            describe: self.describe(),
            url: Some(self.address(client)),
            has_repository: repository.is_some(),
            argo: self.wait(Argo::look(self.cx, self.args))?,
        })
    }

    fn has_repository(&self) -> anyhow::Result<bool> {
        let Opened { client, by, .. } = self.opened()?;
        Ok(self.wait(client.repository(by, &self.profile.repository))?.is_some())
    }

    fn prepare(&self) -> anyhow::Result<bool> {
        self.wait(self.make(self.opened()?))
    }

    fn remote(&self) -> anyhow::Result<Box<dyn Remote + '_>> {
        let opened @ Opened { client, .. } = self.opened()?;
        let push_with = Box::new(|| self.push_with(opened));
        let (agent, address) = (client.git().clone(), self.address(client));
        Ok(Box::new(gitea::Remote::new(agent, address, self.read_with(opened), push_with)?))
    }
}

impl Drop for Gitea<'_> {
    fn drop(&mut self) {
        let Some(Opened { client, by, .. }) = self.opened.get() else { return };
        for token in self.tokens().drain(..) {
            let delete = client.delete_token(by, &token);
            if let Err(error) = clean_up(GRACE, ANSWER, delete).and_then(|done| done) {
                let PushToken { user, name } = &token;
                self.cx.reporter.warn(&format!(
                    "token `{name}` of account `{user}` may stay in Gitea until a seeding a day later: {error}"
                ));
            }
        }
    }
}
