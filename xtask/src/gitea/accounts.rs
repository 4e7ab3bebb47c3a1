//! The accounts of the profile and their secrets.
//!
//! The secret is what counts: it is written before the account is made of it,
//! and a new password is in the secret, as `next`, before the account has it.
//! The order is
//!
//! 1. the secret holds `next` beside the `password`, if there is one;
//! 2. the account gets that password;
//! 3. the secret holds it as `password`, and `next` is gone.
//!
//! So a password that may be an account's is never in memory alone, and a call
//! that was killed between two steps is made up for by the next one, which
//! finds `next` and begins with the second step. An administrator is made in
//! the same way, since Gitea gives the rights only after the account; where the
//! secret is somebody else's, and cannot hold `next`, what lacks is told. The
//! administrator by whose password it is done comes last.

mod act;
mod decide;
mod facts;
#[cfg(test)]
mod tests;

use anyhow::Context as _;
use cluster::Cluster;
use secrecy::SecretString;
use serde::Serialize;

use self::act::Act;
use self::decide::{Step, decide};
use self::facts::{Account, Facts};
use super::{ANSWER, Credentials, PATIENCE, Server, ServerArgs, access};
use crate::context::Context;
use crate::discovery::failure;
use crate::failure::Failure;
use crate::ownership::Owner;

/// What the accounts came to.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How Gitea was reached; none: it is not there yet.
    pub server: Option<String>,
    /// Why Gitea is not there yet, if so.
    pub pending: Option<String>,
    /// In the order of the profile.
    pub accounts: Vec<Row>,
}

/// What an account came to.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its name in Gitea.
    pub name: String,
    /// `namespace/name` of its secret.
    pub secret: String,
    /// Whether it may do everything.
    pub admin: bool,
    /// What was done.
    pub done: Done,
    /// What is the matter and has not been mended.
    pub trouble: Option<String>,
}

/// What was done about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// It was so already.
    Already,
    /// The secret was made; Gitea is not there yet.
    Secret,
    /// Gitea is not there yet, and the secret was made before.
    Pending,
    /// The account was made of its secret.
    Account,
    /// Both were made.
    Both,
    /// The secret was made of the password that was given.
    Adopted,
    /// The account need not change its password any more.
    Released,
    /// Both have a new password.
    Rotated,
    /// Both have the password that a call which was broken off had chosen.
    Resumed,
    /// Nothing.
    Nothing,
}

/// What is to be done about each account, once all have been looked at.
struct Plan<'a> {
    server: Server,
    cluster: Cluster,
    owner: Owner,
    admin: Option<Credentials>,
    steps: Vec<(Account<'a>, Step)>,
}

/// Says what [`apply`] would do, a line a step.
pub fn plan(cx: &Context, args: &ServerArgs, rotate: bool) -> anyhow::Result<Vec<String>> {
    let plan = cx.block_on(cx.deadline.or(PATIENCE), ANSWER, Plan::of(cx, args, rotate))??;
    Ok(plan.steps.iter().filter_map(|(account, step)| step.plan(account)).collect())
}

/// Makes the accounts and their secrets, or sees that they are there. With
/// `rotate` each gets a new password; without it, what does not fit together
/// is told and left. Without Gitea, the secrets alone are made.
pub fn apply(cx: &Context, args: &ServerArgs, rotate: bool) -> anyhow::Result<Report> {
    cx.block_on(cx.deadline.or(PATIENCE), ANSWER, async {
        let plan = Plan::of(cx, args, rotate).await?;
        plan.carry_out().await
    })?
}

impl<'a> Plan<'a> {
    async fn of(cx: &'a Context, args: &ServerArgs, rotate: bool) -> anyhow::Result<Self> {
        let (_, profile) = access::of(cx)?;
        let admin =
            profile.admin().context(Failure::usage("the profile names no account that may do all"))?;
        let given = Credentials::given(cx, args, &admin.name)?;
        let cluster = Cluster::open(cx.access()).await.map_err(|error| failure(&error))?;
        let owner = Owner::of(cx);
        let accounts = facts::secrets(&cluster, &profile.accounts, &owner).await?;
        let server = access::open(cx, args).await?;
        let (facts, admin) = match &server {
            Server::There(client) => facts::ask(client, &accounts, given.as_ref()).await?,
            Server::NotThere(why) if rotate => {
                let message = format!("no password can be changed: Gitea cannot be reached: {why}");
                let help = "run this without `--rotate` to make the secrets, and with it once Gitea runs";
                return Err(Failure::missing(message).help(help).into());
            }
            Server::NotThere(_) => (accounts.iter().map(Facts::without_gitea).collect(), None),
        };
        let password = password_of(given);
        let decided = accounts.into_iter().zip(facts).map(|(account, facts)| {
            let known = password.is_some() && account.profile.admin;
            let step = decide(&facts, rotate, known);
            (account, step)
        });
        let plan = Self { server, cluster, owner, admin, steps: decided.collect() };
        plan.refuse()?;
        Ok(plan.adopting(password.as_ref()))
    }

    /// The administrator's secret is made of the password that was given.
    fn adopting(mut self, password: Option<&SecretString>) -> Self {
        for (account, step) in &mut self.steps {
            if *step == Step::Adopt {
                account.given = password.cloned();
            }
        }
        self
    }

    /// Fails if something is asked for that would take what is somebody else's.
    fn refuse(&self) -> anyhow::Result<()> {
        let refused = self.steps.iter().filter_map(|(account, step)| match step {
            Step::Refuse(why) => Some(format!("`{}` ({why})", account.profile.secret)),
            _ => None,
        });
        let refused: Vec<String> = refused.collect();
        if refused.is_empty() {
            return Ok(());
        }
        let message = format!("not ours to change: the secrets {}; nothing was done", refused.join(", "));
        Err(Failure::refused(message)
            .help("let whoever made them change the passwords; or delete the secrets and run this again")
            .into())
    }

    /// The administrators last, and of them the one by whose password it is done.
    fn order(&self) -> Vec<usize> {
        let by = match &self.admin {
            Some(Credentials::Password { user, .. }) => Some(user),
            Some(Credentials::Token(_)) | None => None,
        };
        let mut order: Vec<usize> = (0..self.steps.len()).collect();
        order.sort_by_key(|&position| {
            let profile = self.steps[position].0.profile;
            (profile.admin, by == Some(&profile.name))
        });
        order
    }

    async fn carry_out(self) -> anyhow::Result<Report> {
        let order = self.order();
        let act = Act { server: &self.server, cluster: &self.cluster, owner: &self.owner, by: self.admin };
        let mut rows: Vec<Option<Row>> = self.steps.iter().map(|_| None).collect();
        for position in order {
            let (account, step) = &self.steps[position];
            let failed = || format!("account `{}` is not done; run this again", account.profile.name);
            let done = act.run(account, step).await.with_context(failed)?;
            rows[position] = Some(Row::new(account, done, step.trouble(account)));
        }
        let (server, pending) = match &self.server {
            Server::There(client) => (Some(client.way()), None),
            Server::NotThere(why) => (None, Some(why.clone())),
        };
        Ok(Report { server, pending, accounts: rows.into_iter().flatten().collect() })
    }
}

impl Row {
    fn new(account: &Account<'_>, done: Done, trouble: Option<String>) -> Self {
        let profile = account.profile;
        let (name, secret) = (profile.name.clone(), profile.secret.to_string());
        Self { name, secret, admin: profile.admin, done, trouble }
    }
}

fn password_of(credentials: Option<Credentials>) -> Option<SecretString> {
    match credentials {
        Some(Credentials::Password { password, .. }) => Some(password),
        Some(Credentials::Token(_)) | None => None,
    }
}
