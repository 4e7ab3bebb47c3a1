//! Tokens for pushing, in place of passwords.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{Client, Credentials, password};
use crate::failure::Failure;
use crate::ownership::Owner;

/// What a token for pushing may do, and nothing else.
const SCOPES: [&str; 1] = ["write:repository"];
/// What their names begin with.
const PREFIX: &str = "xtask-seed";
/// Tokens of a page: the most that Gitea gives by default.
const PAGE: usize = 50;
/// How old a token must be that a call which was killed has left behind:
/// older than any push takes.
const STALE: Duration = Duration::from_hours(24);

/// A token that is good for pushing, made or about to be, until it is taken back.
#[derive(Clone, Debug)]
pub struct PushToken {
    /// The account whose it is.
    pub user: String,
    /// Its name in Gitea.
    pub name: String,
}

impl PushToken {
    /// One to make for the account `user`. The name says whose it is and when
    /// it was made; the rest keeps calls at the same moment apart.
    pub fn new(user: &str, owner: &Owner) -> anyhow::Result<Self> {
        Ok(Self { user: user.to_owned(), name: token_name(owner, SystemTime::now())? })
    }
}

#[derive(Serialize)]
struct NewToken<'a> {
    name: &'a str,
    scopes: [&'static str; 1],
}

#[derive(Deserialize)]
struct Made {
    sha1: String,
}

#[derive(Deserialize)]
struct Listed {
    name: String,
}

impl Client {
    /// Makes a token, by the account's password: Gitea gives none for a token.
    /// It may be there after an error, unless that is the inner one: Gitea has
    /// refused to make it.
    pub async fn make_token(
        &self,
        by: &Credentials,
        PushToken { user, name }: &PushToken,
    ) -> anyhow::Result<Result<SecretString, Failure>> {
        let new = NewToken { name, scopes: SCOPES };
        let answer = self.post(&format!("users/{user}/tokens"), by, &new).await?;
        let refusal = || answer.refusal(&format!("make a token of account `{user}`"), Some(by));
        match answer.status {
            201 => Ok(Ok(SecretString::from(answer.content::<Made>()?.sha1))),
            500.. => Err(refusal().into()),
            _ => Ok(Err(refusal())),
        }
    }

    /// Takes a token back. One that is gone already is none the less gone.
    pub async fn delete_token(
        &self,
        by: &Credentials,
        PushToken { user, name }: &PushToken,
    ) -> anyhow::Result<()> {
        let answer = self.delete(&format!("users/{user}/tokens/{name}"), by).await?;
        match answer.status {
            204 | 404 => Ok(()),
            _ => Err(answer.refusal(&format!("take back a token of account `{user}`"), Some(by)).into()),
        }
    }

    /// Takes back what calls of this workspace that were killed have left behind.
    pub async fn sweep_tokens(&self, by: &Credentials, user: &str, owner: &Owner) -> anyhow::Result<()> {
        let now = SystemTime::now();
        for Listed { name } in self.tokens(by, user).await? {
            if is_stale(&name, owner, now) {
                self.delete_token(by, &PushToken { user: user.to_owned(), name }).await?;
            }
        }
        Ok(())
    }

    /// All of an account's tokens: the oldest are on the last page.
    async fn tokens(&self, by: &Credentials, user: &str) -> anyhow::Result<Vec<Listed>> {
        let mut all = Vec::new();
        for page in 1.. {
            let answer = self.get(&format!("users/{user}/tokens?limit={PAGE}&page={page}"), Some(by)).await?;
            if answer.status != 200 {
                let what = format!("ask for the tokens of account `{user}`");
                return Err(answer.refusal(&what, Some(by)).into());
            }
            let tokens: Vec<Listed> = answer.content()?;
            let is_last = tokens.len() < PAGE;
            all.extend(tokens);
            if is_last {
                break;
            }
        }
        Ok(all)
    }
}

fn token_name(owner: &Owner, now: SystemTime) -> anyhow::Result<String> {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Ok(format!("{PREFIX}-{}-{seconds}-{}", owner.workspace, password::tag()?))
}

fn is_stale(name: &str, owner: &Owner, now: SystemTime) -> bool {
    let own = format!("{PREFIX}-{}-", owner.workspace);
    let seconds = name.strip_prefix(&own).and_then(|rest| rest.split_once('-')?.0.parse().ok());
    let made = seconds.and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    made.is_some_and(|made| now.duration_since(made).is_ok_and(|age| age > STALE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_tokens_of_this_workspace_are_stale() {
        let owner = |id: &str| Owner { workspace: id.to_owned(), profile: "coder".to_owned() };
        let (ours, theirs) = (owner("0123"), owner("4567"));
        let made = SystemTime::now();
        let name = token_name(&ours, made).unwrap();
        assert_ne!(name, token_name(&ours, made).unwrap());
        let later = made + STALE + Duration::from_secs(2);
        assert!(is_stale(&name, &ours, later));
        assert!(!is_stale(&name, &ours, made) && !is_stale(&name, &theirs, later));
        for other in ["xtask-seed", "xtask-seed-0123-x-y", "mine", ""] {
            assert!(!is_stale(other, &ours, later), "{other}");
        }
    }
}
