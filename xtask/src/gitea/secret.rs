//! The secrets with the passwords of Gitea's accounts.

use std::collections::BTreeMap;

use anyhow::Context as _;
use cluster::{Applied, Cluster, ObjectName, Secret};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::Credentials;
use crate::context::Context;
use crate::discovery::failure;
use crate::failure::Failure;
use crate::ownership::{MANAGER, Owner};
use crate::profile::AccountProfile;

/// Its keys, as Gitea's chart and the orchestrator read them.
const USERNAME: &str = "username";
const PASSWORD: &str = "password";
/// The key of a password that is about to be the account's.
const NEXT: &str = "next";

/// What a secret says of its account.
pub struct AccountSecret {
    /// Whose it says it is; that may be left out.
    pub username: Option<String>,
    /// The password, if it can be one.
    pub password: Option<SecretString>,
    /// The password that a change which was broken off was for.
    pub next: Option<SecretString>,
    /// Why it is not ours to change, if so.
    pub foreign: Option<String>,
}

/// What a secret shall hold.
pub struct Wanted<'a> {
    /// The password that the account has.
    pub password: Option<&'a SecretString>,
    /// The one that it is about to have.
    pub next: Option<&'a SecretString>,
}

impl AccountSecret {
    /// Asks the cluster; `None` if there is no such secret.
    pub async fn read(
        cluster: &Cluster,
        account: &AccountProfile,
        owner: &Owner,
    ) -> anyhow::Result<Option<Self>> {
        let secret = cluster.secret(&name(account)).await.map_err(|error| failure(&error))?;
        Ok(secret.map(|secret| Self::of(&secret, owner)))
    }

    fn of(secret: &Secret, owner: &Owner) -> Self {
        let text = |key: &str| {
            let text = std::str::from_utf8(secret.data.get(key)?).ok()?;
            // No header can carry others.
            (!text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
        };
        let foreign = foreign(secret, owner);
        Self {
            username: text(USERNAME).map(str::to_owned),
            password: text(PASSWORD).map(SecretString::from),
            next: text(NEXT).filter(|_| foreign.is_none()).map(SecretString::from),
            foreign,
        }
    }
}

/// Why a secret is not ours to change, if so.
fn foreign(secret: &Secret, owner: &Owner) -> Option<String> {
    if !owner.owns(&json!({ "metadata": { "labels": secret.metadata["labels"] } })) {
        return Some("somebody else made it".to_owned());
    }
    let mut others = secret.managers(PASSWORD).into_iter().filter(|manager| *manager != MANAGER);
    others.next().map(|manager| format!("`{manager}` has set its password"))
}

/// Makes the secret hold what it shall.
pub async fn write(
    cluster: &Cluster,
    account: &AccountProfile,
    owner: &Owner,
    wanted: &Wanted<'_>,
) -> anyhow::Result<Applied> {
    let mut data = BTreeMap::from([(USERNAME, account.name.as_bytes())]);
    let passwords = [(PASSWORD, wanted.password), (NEXT, wanted.next)];
    data.extend(
        passwords.iter().filter_map(|(key, it)| Some((*key, it.as_ref()?.expose_secret().as_bytes()))),
    );
    let applied = cluster.apply_secret(MANAGER, &name(account), &owner.labels(), &data).await;
    applied.map_err(|error| match error {
        conflict @ cluster::Error::Conflict { .. } => {
            Failure::refused(conflict.to_string()).help(conflict.help()).into()
        }
        other => failure(&other),
    })
}

/// The credentials of the account that owns the profile's repository: what the
/// flags name, else those of its secret.
pub async fn owner(cx: &Context, args: &super::ServerArgs) -> anyhow::Result<Credentials> {
    let gitea = cx.profile()?.gitea()?;
    if let Some(given) = Credentials::given(cx, args, &gitea.repository.owner)? {
        return Ok(given);
    }
    let name = &gitea.repository.owner;
    let account = gitea.owner().with_context(|| {
        Failure::missing(format!("the profile has no account `{name}`, which owns the repository"))
            .help("give its password with `--password-file FILE`, or add the account to the profile")
    })?;
    let secret = async {
        let cluster = Cluster::open(cx.access()).await.map_err(|error| failure(&error))?;
        AccountSecret::read(&cluster, account, &Owner::of(cx)).await
    };
    let secret = secret.await.map_err(|error| {
        if args.url.is_none() || cx.names_cluster() {
            return error;
        }
        // Who names only an address need not have the cluster.
        let asked = format!("the password of `{name}` is asked of the cluster, which fails");
        error.context(Failure::missing(asked).help("give `--token-file FILE` or `--password-file FILE`"))
    })?;
    let missing = |why: &str| {
        Failure::missing(format!("secret `{}` {why}", account.secret)).help(
            "`cargo xtask gitea accounts` makes the accounts and their secrets; or give a password with \
             `--password-file FILE`",
        )
    };
    let secret = secret.with_context(|| missing("does not exist"))?;
    let password = secret.password.with_context(|| missing("has no `password`"))?;
    Ok(Credentials::Password { user: account.name.clone(), password })
}

fn name(account: &AccountProfile) -> ObjectName {
    ObjectName::new(&account.secret.namespace, &account.secret.name)
}
