//! `gen hosts`.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use routing::RoutingTable;
use serde::Serialize;

use crate::context::Context;
use crate::discovery::{self, Discovered, Pending};
use crate::failure::Failure;
use crate::hosts_file::{self, Edit};
use crate::profile::{Bind, Entrance, Profile};
use crate::report::{Answer, Page, Style};

/// Print lines for /etc/hosts, or keep them in a file
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Keep the lines in this file, in a block of their own
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Remove the block from this file
    #[arg(long, value_name = "FILE", conflicts_with = "write")]
    remove: Option<PathBuf>,
}

/// Lines for /etc/hosts.
#[derive(Serialize)]
pub struct HostsAnswer {
    /// Of the router; none where every service has its own.
    address: Option<IpAddr>,
    lines: Vec<String>,
    /// What such a file cannot list.
    unlisted: Vec<String>,
}

#[derive(Serialize)]
struct Kept {
    file: PathBuf,
    outcome: Outcome,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Written,
    Removed,
    Already,
}

impl Args {
    /// Prints the lines, or changes the file.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let marker = format!("xtask profile {}", cx.profile()?.name);
        if let Some(file) = self.remove {
            let edit = Edit::remove_block(&file, &marker)?;
            return keep(cx, &edit, &file, Outcome::Removed);
        }
        let lines = HostsAnswer::of(cx)?;
        let Some(file) = self.write else { return cx.reporter.answer("gen hosts", &lines) };
        let edit = Edit::keep_block(&file, &marker, &lines.lines)?;
        keep(cx, &edit, &file, Outcome::Written)
    }
}

fn keep(cx: &Context, edit: &Edit, file: &Path, done: Outcome) -> anyhow::Result<()> {
    if cx.dry_run {
        let step = if edit.is_needed() { "write" } else { "leave as it is" };
        return cx.reporter.would(&format!("{step} `{}`", file.display()));
    }
    edit.apply()?;
    let outcome = if edit.is_needed() { done } else { Outcome::Already };
    cx.reporter.answer("gen hosts", &Kept { file: file.to_owned(), outcome })
}

impl HostsAnswer {
    /// The names of the table, and the address at which each is answered.
    pub fn of(cx: &Context) -> anyhow::Result<Self> {
        let profile = cx.profile()?;
        let (table, address) = match profile.entrance {
            Entrance::Router => (discovery::names(cx)?, Some(router_address(profile)?)),
            Entrance::Metallb => (known(cx)?, None),
            Entrance::Aws => {
                let message = format!("the names of profile `{}` are a matter of DNS", profile.name);
                let help = format!(
                    "let records lead to the load balancers: `cargo xtask router status --profile {}` lists them",
                    profile.name
                );
                return Err(Failure::usage(message).help(help).into());
            }
        };
        let unlisted: Vec<String> =
            hosts_file::unlisted(&table).into_iter().map(ToString::to_string).collect();
        if !unlisted.is_empty() {
            cx.reporter.note(&format!("left out, as such a file lists names only: {}", unlisted.join(" ")));
        }
        let lines = hosts_file::lines(&table, |route| {
            address.or_else(|| route.backend.map(|backend| backend.address().ip()))
        });
        Ok(Self { address, lines, unlisted })
    }
}

fn router_address(profile: &Profile) -> anyhow::Result<IpAddr> {
    match profile.router()?.bind.resolve()? {
        // Listening everywhere, it is there too.
        everywhere if everywhere.is_unspecified() => Bind::Management.resolve(),
        address => Ok(address),
    }
}

/// The table with the addresses of the load balancers; names the routes whose
/// names lead nowhere yet.
fn known(cx: &Context) -> anyhow::Result<RoutingTable> {
    let Discovered { table, pending, warnings } = discovery::discover(cx, &[])?;
    cx.reporter.warn_all(&warnings);
    for Pending { route, why } in pending {
        cx.reporter.warn(&format!("the names of route `{route}` are left out: {why}"));
    }
    Ok(table)
}

impl Answer for HostsAnswer {
    fn write(&self, page: &mut Page) {
        self.lines.iter().for_each(|line| page.line(line));
    }
}

impl Answer for Kept {
    fn write(&self, page: &mut Page) {
        let file = self.file.display();
        page.styled(
            Style::Good,
            match self.outcome {
                Outcome::Written => format!("`{file}` holds the lines now"),
                Outcome::Removed => format!("`{file}` holds the lines no more"),
                Outcome::Already => format!("`{file}` was so already"),
            },
        );
    }
}
