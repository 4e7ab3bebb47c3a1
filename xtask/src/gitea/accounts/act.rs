//! Doing it, in the order that loses nothing.

use anyhow::Context as _;
use cluster::Cluster;
use secrecy::SecretString;

use super::facts::Account;
use super::{Done, Step};
use crate::gitea::secret::{Wanted, write};
use crate::gitea::{Client, Credentials, Server, password};
use crate::ownership::Owner;

/// What it is done with.
pub struct Act<'a> {
    pub server: &'a Server,
    pub cluster: &'a Cluster,
    pub owner: &'a Owner,
    /// The administrator, where Gitea is there.
    pub by: Option<Credentials>,
}

impl Act<'_> {
    /// Does one step.
    pub async fn run(&self, account: &Account<'_>, step: &Step) -> anyhow::Result<Done> {
        match step {
            Step::Keep => Ok(Done::Already),
            Step::Wait => Ok(Done::Pending),
            Step::Report(_) | Step::Refuse(_) => Ok(Done::Nothing),
            Step::MakeSecret => {
                self.keep(account, &password::generate()?).await?;
                Ok(Done::Secret)
            }
            Step::MakeBoth => {
                let password = password::generate()?;
                self.make_both(account, &password).await?;
                Ok(Done::Both)
            }
            Step::MakeAccount => {
                self.make_account(account, held(account)?).await?;
                Ok(Done::Account)
            }
            Step::Adopt => {
                let given = account.given.as_ref().context("a password was given")?;
                self.keep(account, given).await?;
                Ok(Done::Adopted)
            }
            Step::Release => {
                self.set(account, held(account)?).await?;
                Ok(Done::Released)
            }
            Step::Rotate => {
                self.rotate(account).await?;
                Ok(Done::Rotated)
            }
            Step::Resume => {
                let next = account.secret.as_ref().and_then(|secret| secret.next.as_ref());
                self.finish(account, next.context("the secret has a next password")?).await?;
                Ok(Done::Resumed)
            }
        }
    }

    /// Chooses a new password, and has the secret hold it beside the old one
    /// before the account has it.
    async fn rotate(&self, account: &Account<'_>) -> anyhow::Result<()> {
        let next = password::generate()?;
        let password = account.secret.as_ref().and_then(|secret| secret.password.as_ref());
        let wanted = Wanted { password, next: Some(&next) };
        write(self.cluster, account.profile, self.owner, &wanted).await?;
        self.finish(account, &next).await
    }

    async fn make_both(&self, account: &Account<'_>, password: &SecretString) -> anyhow::Result<()> {
        if account.profile.admin {
            return self.make_administrator(account, password).await;
        }
        self.keep(account, password).await?;
        self.make(account, password).await
    }

    async fn make_account(&self, account: &Account<'_>, password: &SecretString) -> anyhow::Result<()> {
        let is_ours = account.secret.as_ref().is_some_and(|secret| secret.foreign.is_none());
        if account.profile.admin && is_ours {
            return self.make_administrator(account, password).await;
        }
        self.make(account, password).await
    }

    /// In two requests: until the second has given the account its rights, the
    /// secret holds the password as `next`, too, and so the next call goes on.
    async fn make_administrator(&self, account: &Account<'_>, password: &SecretString) -> anyhow::Result<()> {
        let wanted = Wanted { password: Some(password), next: Some(password) };
        write(self.cluster, account.profile, self.owner, &wanted).await?;
        self.finish(account, password).await
    }

    /// What is left to do once the secret holds `next`.
    async fn finish(&self, account: &Account<'_>, next: &SecretString) -> anyhow::Result<()> {
        let (client, by) = self.gitea()?;
        match client.user(by, &account.profile.name).await? {
            Some(_) => self.set(account, next).await?,
            None => self.make(account, next).await?,
        }
        self.keep(account, next).await
    }

    /// The secret holds this password, and no other.
    async fn keep(&self, account: &Account<'_>, password: &SecretString) -> anyhow::Result<()> {
        let wanted = Wanted { password: Some(password), next: None };
        write(self.cluster, account.profile, self.owner, &wanted).await.map(drop)
    }

    async fn make(&self, account: &Account<'_>, password: &SecretString) -> anyhow::Result<()> {
        let (client, by) = self.gitea()?;
        client.create_user(by, account.profile, password).await
    }

    async fn set(&self, account: &Account<'_>, password: &SecretString) -> anyhow::Result<()> {
        let (client, by) = self.gitea()?;
        client.edit_user(by, account.profile, password).await
    }

    fn gitea(&self) -> anyhow::Result<(&Client, &Credentials)> {
        match (self.server, &self.by) {
            (Server::There(client), Some(by)) => Ok((client, by)),
            _ => anyhow::bail!("Gitea is not there"),
        }
    }
}

fn held<'a>(account: &'a Account<'_>) -> anyhow::Result<&'a SecretString> {
    let held = account.secret.as_ref().and_then(|secret| secret.password.as_ref());
    held.context("the secret has a password")
}
