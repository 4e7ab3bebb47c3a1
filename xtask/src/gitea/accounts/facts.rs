//! What there is of an account.

use cluster::Cluster;
use secrecy::SecretString;

use crate::failure::Failure;
use crate::gitea::secret::AccountSecret;
use crate::gitea::users::{Login, User};
use crate::gitea::{Client, Credentials};
use crate::ownership::Owner;
use crate::profile::AccountProfile;

/// An account and its secret.
pub struct Account<'a> {
    /// As the profile has it.
    pub profile: &'a AccountProfile,
    /// None: there is no secret.
    pub secret: Option<AccountSecret>,
    /// The password that was given on the command line for it.
    pub given: Option<SecretString>,
}

/// What there is of an account, as far as it decides what is to be done.
#[derive(Clone, Debug)]
pub struct Facts {
    /// In the cluster.
    pub secret: SecretFact,
    /// Why the secret is not ours to change, if so.
    pub foreign: Option<String>,
    /// In Gitea; none: Gitea is not there.
    pub account: Option<AccountFact>,
    /// The account is an administrator and should be none, or the other way round.
    pub wrong_rights: bool,
}

/// What there is of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretFact {
    /// Nothing.
    Absent,
    /// There is one, without a password.
    Incomplete,
    /// It says that it is of another account.
    Other(String),
    /// It has a password.
    Ready,
    /// It has one that a call which was broken off has chosen.
    Next,
}

/// What there is of an account in Gitea.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountFact {
    /// Nothing.
    Absent,
    /// The secret's password opens it.
    Open,
    /// So it does, but it has to be changed first.
    MustChange,
    /// It does not, or there is none.
    Closed,
    /// An administrator keeps it from logging in.
    Blocked,
}

/// Reads the secrets, side by side.
pub async fn secrets<'a>(
    cluster: &Cluster,
    accounts: &'a [AccountProfile],
    owner: &Owner,
) -> anyhow::Result<Vec<Account<'a>>> {
    let reading = accounts.iter().map(|profile| async move {
        let secret = AccountSecret::read(cluster, profile, owner).await?;
        Ok(Account { profile, secret, given: None })
    });
    futures_util::future::try_join_all(reading).await
}

/// Asks Gitea for all of them, as its administrator, whose credentials are
/// returned.
pub async fn ask(
    client: &Client,
    accounts: &[Account<'_>],
    given: Option<&Credentials>,
) -> anyhow::Result<(Vec<Facts>, Option<Credentials>)> {
    let admin = administrator(client, accounts, given).await?;
    let mut facts = Vec::new();
    for account in accounts {
        let user = client.user(&admin, &account.profile.name).await?;
        let wrong_rights = user.as_ref().is_some_and(|user| user.is_admin != account.profile.admin);
        let fact = fact(client, user, account).await?;
        facts.push(Facts { account: Some(fact), wrong_rights, ..Facts::without_gitea(account) });
    }
    Ok((facts, Some(admin)))
}

impl Facts {
    /// What is known without Gitea.
    pub fn without_gitea(account: &Account<'_>) -> Self {
        let Some(secret) = &account.secret else {
            return Self { secret: SecretFact::Absent, foreign: None, account: None, wrong_rights: false };
        };
        let other = secret.username.as_ref().filter(|name| **name != account.profile.name);
        let fact = match (other, &secret.next, &secret.password) {
            (Some(other), ..) => SecretFact::Other(other.clone()),
            (None, Some(_), _) => SecretFact::Next,
            (None, None, Some(_)) => SecretFact::Ready,
            (None, None, None) => SecretFact::Incomplete,
        };
        Self { secret: fact, foreign: secret.foreign.clone(), account: None, wrong_rights: false }
    }
}

/// The first credentials of an administrator that are accepted: those that were
/// given, and no others; else of the secret's two passwords the one that opens.
async fn administrator(
    client: &Client,
    accounts: &[Account<'_>],
    given: Option<&Credentials>,
) -> anyhow::Result<Credentials> {
    if let Some(given) = given {
        if client.is_admin(given).await? {
            return Ok(given.clone());
        }
        return Err(Failure::missing(format!("Gitea does not accept {given} that was given"))
            .help("correct the file of `--password-file` or `--token-file`")
            .into());
    }
    let help = "give its password with `--password-file FILE`; with `--rotate` the secret gets a new one";
    for account in accounts.iter().filter(|account| account.profile.admin) {
        let secret = account.secret.as_ref();
        let passwords = secret.into_iter().flat_map(|secret| [&secret.password, &secret.next]).flatten();
        for password in passwords {
            let user = account.profile.name.clone();
            let credentials = Credentials::Password { user, password: password.clone() };
            if client.is_admin(&credentials).await? {
                return Ok(credentials);
            }
        }
    }
    let admin = accounts.iter().find(|account| account.profile.admin);
    let why = admin.map_or_else(String::new, |Account { profile, secret, .. }| match secret {
        None => format!(": there is no secret `{}` with the password of `{}`", profile.secret, profile.name),
        Some(_) => format!(": the password of secret `{}` does not open `{}`", profile.secret, profile.name),
    });
    Err(Failure::missing(format!("Gitea's accounts cannot be seen{why}")).help(help).into())
}

/// What there is of `account`, which Gitea knows as `user`.
async fn fact(client: &Client, user: Option<User>, account: &Account<'_>) -> anyhow::Result<AccountFact> {
    let name = &account.profile.name;
    match user {
        None => return Ok(AccountFact::Absent),
        Some(User { active: false, .. } | User { prohibit_login: true, .. }) => {
            return Ok(AccountFact::Blocked);
        }
        Some(_) => {}
    }
    let password = account.secret.as_ref().and_then(|secret| secret.password.clone());
    let Some(password) = password else { return Ok(AccountFact::Closed) };
    let credentials = Credentials::Password { user: name.clone(), password };
    Ok(match client.login(&credentials).await? {
        Login::Open(user) if user.login.eq_ignore_ascii_case(name) => AccountFact::Open,
        // Its password is another account's token.
        Login::Open(_) | Login::Refused => AccountFact::Closed,
        Login::MustChange => AccountFact::MustChange,
    })
}
