//! What is to be done about an account.

use super::Facts;
use super::facts::{Account, AccountFact, SecretFact};

/// What is to be done about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: all is as it shall be.
    Keep,
    /// Nothing yet: Gitea is not there, the secret is.
    Wait,
    /// Make the secret; Gitea is not there.
    MakeSecret,
    /// Make the account of the secret's password.
    MakeAccount,
    /// Make the secret, then the account.
    MakeBoth,
    /// Make the secret of the password that was given.
    Adopt,
    /// Let the account keep its password, which it was to change.
    Release,
    /// Give both a new password.
    Rotate,
    /// Give both the password that was chosen before.
    Resume,
    /// Tell, and leave it.
    Report(Trouble),
    /// Refuse all that was asked for; the text says why the secret is not ours.
    Refuse(String),
}

/// What does not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is an account and no secret.
    NoSecret,
    /// The secret has no password.
    NoPassword,
    /// The secret is another account's.
    OtherAccount,
    /// The secret's password is not the account's.
    Mismatch,
    /// The account may not log in.
    Blocked,
    /// The account is an administrator and should be none, or the other way round.
    Rights,
}

/// What is to be done. `known`: the account's password was given, and opens it.
pub fn decide(facts: &Facts, rotate: bool, known: bool) -> Step {
    if let (Some(why), true) = (&facts.foreign, rotate) {
        return Step::Refuse(why.clone());
    }
    // What is incomplete and ours can be made anew as if it were not there.
    let is_ours = facts.foreign.is_none();
    match (&facts.secret, facts.account) {
        (SecretFact::Other(_), _) => Step::Report(Trouble::OtherAccount),
        (SecretFact::Incomplete, _) if !is_ours => Step::Report(Trouble::NoPassword),
        (_, Some(AccountFact::Blocked)) => Step::Report(Trouble::Blocked),
        (SecretFact::Absent | SecretFact::Incomplete, None) => Step::MakeSecret,
        (SecretFact::Absent | SecretFact::Incomplete, Some(AccountFact::Absent)) => Step::MakeBoth,
        (SecretFact::Absent | SecretFact::Incomplete, Some(_)) if rotate => Step::Rotate,
        (SecretFact::Absent | SecretFact::Incomplete, Some(_)) if known => Step::Adopt,
        (SecretFact::Absent, Some(_)) => Step::Report(Trouble::NoSecret),
        (SecretFact::Incomplete, Some(_)) => Step::Report(Trouble::NoPassword),
        (SecretFact::Next | SecretFact::Ready, None) => Step::Wait,
        (SecretFact::Next, Some(_)) => Step::Resume,
        (SecretFact::Ready, Some(AccountFact::Absent)) => Step::MakeAccount,
        (SecretFact::Ready, Some(_)) if rotate => Step::Rotate,
        (SecretFact::Ready, Some(AccountFact::Open | AccountFact::MustChange)) if facts.wrong_rights => {
            Step::Report(Trouble::Rights)
        }
        (SecretFact::Ready, Some(AccountFact::Open)) => Step::Keep,
        (SecretFact::Ready, Some(AccountFact::MustChange)) => Step::Release,
        (SecretFact::Ready, Some(AccountFact::Closed)) => Step::Report(Trouble::Mismatch),
    }
}

impl Step {
    /// What it would do, for `--dry-run`.
    pub fn plan(&self, account: &Account<'_>) -> Option<String> {
        let (name, secret) = (&account.profile.name, &account.profile.secret);
        let kind = if account.profile.admin { "administrator" } else { "account" };
        Some(match self {
            Self::Keep | Self::Wait | Self::Refuse(_) => return None,
            Self::MakeSecret => format!("make secret `{secret}` with a new password for `{name}`"),
            Self::MakeAccount => format!("make {kind} `{name}` with the password of secret `{secret}`"),
            Self::MakeBoth => {
                format!("make secret `{secret}` with a new password, and {kind} `{name}` of it")
            }
            Self::Adopt => format!("make secret `{secret}` of the given password of `{name}`"),
            Self::Release => format!("let account `{name}` keep the password of secret `{secret}`"),
            Self::Rotate => format!("give account `{name}` and secret `{secret}` a new password"),
            Self::Resume => {
                format!(
                    "give account `{name}` the password that is `next` in secret `{secret}`, and keep it there"
                )
            }
            Self::Report(_) => format!("leave account `{name}`: {}", self.trouble(account)?),
        })
    }

    /// What is the matter, if something is told and left.
    pub fn trouble(&self, account: &Account<'_>) -> Option<String> {
        let Self::Report(trouble) = self else { return None };
        let secret = &account.profile.secret;
        Some(match trouble {
            Trouble::NoSecret => format!("there is an account, but no secret `{secret}`"),
            Trouble::NoPassword => format!("secret `{secret}` has no `password`"),
            Trouble::OtherAccount => format!("the `username` of secret `{secret}` is another"),
            Trouble::Mismatch => format!("the password of secret `{secret}` is not the account's"),
            Trouble::Rights if account.profile.admin => {
                "the account is no administrator, and should be one".to_owned()
            }
            Trouble::Rights => "the account is an administrator, and should be none".to_owned(),
            Trouble::Blocked => "the account may not log in: allow it in Gitea's administration".to_owned(),
        })
    }
}
