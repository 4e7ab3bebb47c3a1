//! Accounts in Gitea.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{Client, Credentials};
use crate::profile::AccountProfile;

/// An account, as an administrator sees it.
#[derive(Clone, Debug, Deserialize)]
pub struct User {
    /// Its name.
    pub login: String,
    /// Whether it may do everything.
    #[serde(default)]
    pub is_admin: bool,
    /// Whether it has been activated.
    #[serde(default = "yes")]
    pub active: bool,
    /// Whether an administrator keeps it from logging in.
    #[serde(default)]
    pub prohibit_login: bool,
}

/// What became of logging in.
#[derive(Clone, Debug)]
pub enum Login {
    /// It is this account.
    Open(User),
    /// The password is right, and has to be changed first.
    MustChange,
    /// It is not the password, there is no such account, or it may not log in.
    Refused,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Serialize)]
struct NewUser<'a> {
    username: &'a str,
    login_name: &'a str,
    source_id: u8,
    email: String,
    password: &'a str,
    must_change_password: bool,
    send_notify: bool,
}

/// The API wants the first two also where they stay as they are. It has no way
/// to make an account that is an administrator from the beginning.
#[derive(Serialize)]
struct EditUser<'a> {
    login_name: &'a str,
    source_id: u8,
    password: &'a str,
    must_change_password: bool,
    admin: bool,
}

fn yes() -> bool {
    true
}

impl Client {
    /// Gitea's version.
    pub async fn version(&self, by: Option<&Credentials>) -> anyhow::Result<String> {
        let answer = self.get("version", by).await?;
        match answer.status {
            200 => Ok(answer.content::<Version>()?.version),
            _ => Err(answer.refusal("ask for the version", by).into()),
        }
    }

    /// Whether these credentials open an account.
    pub async fn login(&self, by: &Credentials) -> anyhow::Result<Login> {
        let answer = self.get("user", Some(by)).await?;
        match answer.status {
            200 => Ok(Login::Open(answer.content()?)),
            401 => Ok(Login::Refused),
            403 if answer.message().to_lowercase().contains("change your password") => Ok(Login::MustChange),
            _ => Err(answer.refusal("log in", Some(by)).into()),
        }
    }

    /// Whether these are credentials of an administrator; fails unless they
    /// are accepted, or are just not the right ones.
    pub async fn is_admin(&self, by: &Credentials) -> anyhow::Result<bool> {
        let answer = self.get("admin/users?limit=1", Some(by)).await?;
        match answer.status {
            200 => answer.content::<Vec<User>>().map(|_| true),
            401 => Ok(false),
            _ => Err(answer.refusal("ask for the accounts", Some(by)).into()),
        }
    }

    /// The account of this name, if there is one.
    pub async fn user(&self, by: &Credentials, name: &str) -> anyhow::Result<Option<User>> {
        let answer = self.get(&format!("users/{name}"), Some(by)).await?;
        match answer.status {
            200 => answer.content().map(Some),
            404 => Ok(None),
            _ => Err(answer.refusal(&format!("ask for account `{name}`"), Some(by)).into()),
        }
    }

    /// Makes an account that may log in with this password, and do what the
    /// profile says. Its address is one that no mail reaches.
    pub async fn create_user(
        &self,
        by: &Credentials,
        account: &AccountProfile,
        password: &SecretString,
    ) -> anyhow::Result<()> {
        let name = &account.name;
        let new = NewUser {
            username: name,
            login_name: name,
            source_id: 0,
            email: format!("{name}@xtask.invalid"),
            password: password.expose_secret(),
            must_change_password: false,
            send_notify: false,
        };
        let answer = self.post("admin/users", by, &new).await?;
        match answer.status {
            201 if account.admin => self.edit_user(by, account, password).await,
            201 => Ok(()),
            _ => Err(answer.refusal(&format!("make account `{name}`"), Some(by)).into()),
        }
    }

    /// Gives an account a password, which need not be changed, and lets it do
    /// what the profile says, no less and no more.
    pub async fn edit_user(
        &self,
        by: &Credentials,
        account: &AccountProfile,
        password: &SecretString,
    ) -> anyhow::Result<()> {
        let AccountProfile { name, admin, .. } = account;
        let edit = EditUser {
            login_name: name,
            source_id: 0,
            password: password.expose_secret(),
            must_change_password: false,
            admin: *admin,
        };
        let answer = self.patch(&format!("admin/users/{name}"), by, &edit).await?;
        match answer.status {
            200 => Ok(()),
            _ => {
                Err(answer.refusal(&format!("set password and rights of account `{name}`"), Some(by)).into())
            }
        }
    }
}
