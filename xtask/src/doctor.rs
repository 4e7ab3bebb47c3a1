//! Whether this machine has what the profile needs: checks as values.
//!
//! A check reads what it has to know of the machine, and decides by that alone:
//! the decision is a function of its own, so that tests can tell it of machines
//! that are not at hand. Nothing here changes anything; a finding can hold the
//! commands that mend it.

mod api_server;
mod capacity;
mod cgroups;
mod clock;
mod cluster;
mod docker;
mod examine;
mod facts;
mod fix;
mod forwarding;
mod inotify;
mod machine;
mod modules;
mod names;
mod networks;
mod programs;
mod proxies;
mod router;
mod seen;
mod table;

use clap::ValueEnum;
use serde::Serialize;

pub use examine::{examine, needed};
pub use facts::Facts;
pub use fix::Fix;
pub use seen::{Seen, State};

use crate::context::Context;
use crate::profile::Engine;

/// Something to look at.
#[derive(Debug)]
pub struct Check {
    /// Unique.
    pub name: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Whether the profile needs it.
    applies: fn(&Context) -> bool,
    /// The verbs that need it.
    verbs: &'static [Verb],
    /// An error means that it is missing.
    look: fn(&Facts<'_>) -> anyhow::Result<Seen>,
}

/// What came of a check.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The check's name.
    pub name: &'static str,
    /// What to think of it.
    pub state: State,
    /// What was found, or why it could not be looked at.
    pub found: String,
    /// Why it matters.
    pub why: &'static str,
    /// What mends it.
    pub mend: Option<String>,
    /// The commands that do so, where that is safe.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<Fix>,
}

/// What shall be done on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Verb {
    /// `kind up`
    Kind,
    /// `metallb apply`
    Metallb,
    /// `router start`
    Router,
    /// `up`
    Up,
}

impl Verb {
    /// What it needs, of any profile.
    pub fn checks(self) -> Vec<&'static Check> {
        table::ALL.iter().filter(|check| check.verbs.contains(&self)).collect()
    }

    /// Fails when the profile does not have what the verb works on.
    pub fn check_profile(self, cx: &Context) -> anyhow::Result<()> {
        let profile = cx.profile()?;
        match self {
            Self::Kind => profile.kind().map(drop)?,
            Self::Metallb => profile.metallb().map(drop)?,
            Self::Router => profile.router().map(drop)?,
            Self::Up => (),
        }
        Ok(())
    }
}

/// Every check, in the order in which they are told.
pub fn all() -> Vec<&'static Check> {
    table::ALL.iter().collect()
}

fn always(_: &Context) -> bool {
    true
}

fn has_kind(cx: &Context) -> bool {
    cx.profile().is_ok_and(|profile| profile.kind.is_some())
}

fn engine(cx: &Context) -> Option<&Engine> {
    Some(&cx.profile().ok()?.router.as_ref()?.engine)
}

/// Whether this program itself runs the router.
fn is_embedded(cx: &Context) -> bool {
    matches!(engine(cx), Some(Engine::Embedded))
}

/// Whether Docker runs the router.
fn is_traefik(cx: &Context) -> bool {
    matches!(engine(cx), Some(Engine::Traefik(_)))
}
