//! `gitea accounts`: the server's accounts and their secrets.
//!
//! Each account of the profile has a secret in the cluster with its `username`
//! and `password`. What is not there is made, with a password of 32 letters and
//! digits; what is there is left. Before Gitea is installed the secrets alone
//! are made, from which its chart takes the administrator's password: run this
//! again once Gitea runs.
//!
//! An account without a secret, or with another password than its secret's, is
//! told with exit status 3; so is one that is an administrator and should be
//! none, or the other way round. With `--rotate` every account gets a new password;
//! a call that was broken off is made up for by running it again.

use crate::context::Context;
use crate::failure::Failure;
use crate::gitea::ServerArgs;
use crate::gitea::accounts::{self, Done, Report, Row};
use crate::platform;
use crate::report::{Answer, Page, Style, Table};

/// Make the accounts and their secrets, or verify them
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Give every account a new password and its rights, and so mend what does not fit together
    #[arg(long)]
    rotate: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl Args {
    /// Makes them, or says what would be made.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let Self { rotate, server } = self;
        platform::take_turn(cx)?;
        if cx.dry_run {
            return accounts::plan(cx, &server, rotate)?.iter().try_for_each(|step| cx.reporter.would(step));
        }
        let report = accounts::apply(cx, &server, rotate)?;
        cx.reporter.answer("gitea accounts", &report)?;
        match wrong(&report) {
            Some(failure) => Err(failure.into()),
            None => Ok(()),
        }
    }
}

/// The end of a call that leaves something as it should not be.
fn wrong(report: &Report) -> Option<Failure> {
    let names: Vec<String> = report
        .accounts
        .iter()
        .filter(|row| row.trouble.is_some())
        .map(|row| format!("`{}`", row.name))
        .collect();
    if names.is_empty() {
        return None;
    }
    let message = format!("accounts and secrets do not fit together: {}", names.join(", "));
    Some(Failure::missing(message).help(
        "`cargo xtask gitea accounts --rotate` gives every account and its secret a new password, and \
         the rights that the profile names; secrets of somebody else are left",
    ))
}

impl Answer for Report {
    fn write(&self, page: &mut Page) {
        let mut table = Table::new(&["account", "secret", "state"]);
        for row in &self.accounts {
            let style = match (&row.trouble, row.done) {
                (Some(_), _) => Style::Bad,
                (None, Done::Already) => Style::Good,
                (None, _) => Style::Plain,
            };
            let cells = [row.name.clone(), row.secret.clone()].map(|cell| (cell, Style::Plain));
            table.styled_row(cells.into_iter().chain([(state(row), style)]));
        }
        page.table(&table);
        if let Some(why) = &self.pending {
            page.folded(
                Style::Warn,
                0,
                format!(
                    "Gitea is not there yet: {why}; run this again once it runs, and the accounts are made"
                ),
            );
        }
    }
}

fn state(row: &Row) -> String {
    let done = match row.done {
        Done::Already => "so already",
        Done::Secret => "secret made",
        Done::Pending => "secret is there",
        Done::Account => "account made",
        Done::Both => "secret and account made",
        Done::Adopted => "secret made of the given password",
        Done::Released => "need not change its password any more",
        Done::Rotated => "new password",
        Done::Resumed => "new password, of a call that was broken off",
        Done::Nothing => "left",
    };
    row.trouble.as_ref().map_or_else(|| done.to_owned(), |trouble| format!("{done}: {trouble}"))
}
