//! `lint`: formatting, lints, documentation and dependency policy.

use std::path::PathBuf;

use crate::context::Context;
use crate::part::CARGO_DENY;
use crate::process::Program;
use crate::suite::{Suite, run_all};

/// Check formatting, lints, documentation and dependencies
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs every check; fails if one does.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let deny = CARGO_DENY.find(cx).ok_or_else(|| CARGO_DENY.absence());
        let mut checks = checks(cx, &deny);
        checks.push(advisories(cx, &deny));
        run_all(cx, "lint", &checks)
    }
}

/// The names of [`checks`].
pub const NAMES: [&str; 4] = ["format", "clippy", "doc", "dependencies"];

/// The program cargo-deny, or why it is missing.
type Deny = Result<PathBuf, String>;

/// What the sources alone decide.
pub fn checks(cx: &Context, deny: &Deny) -> Vec<Suite> {
    let [format, clippy, doc, dependencies] = NAMES;
    let cargo = |name, args: &[&str]| Suite {
        name,
        program: Program::new("cargo").args(args).dir(cx.root()),
        obstacle: None,
        testbed: None,
    };
    let mut doc = cargo(doc, &["doc", "--locked", "--workspace", "--no-deps"]);
    doc.program = doc.program.variable("RUSTDOCFLAGS", "--deny warnings");
    vec![
        cargo(format, &["fmt", "--all", "--check"]),
        cargo(clippy, &["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny", "warnings"]),
        doc,
        policy(cx, deny, dependencies, &["bans", "licenses", "sources"]),
    ]
}

/// Known faults in dependencies. They depend on the day, not on the sources.
fn advisories(cx: &Context, deny: &Deny) -> Suite {
    let mut suite = policy(cx, deny, "advisories", &["advisories"]);
    if let (Ok(deny), false) = (deny, cx.dry_run) {
        let fetched = Program::new(deny).args(["fetch", "db"]).dir(cx.root()).run(cx);
        suite.obstacle = fetched.err().map(|error| format!("cannot fetch the advisory database: {error:#}"));
    }
    suite
}

fn policy(cx: &Context, deny: &Deny, name: &'static str, checks: &[&str]) -> Suite {
    let program = Program::new(deny.clone().unwrap_or_else(|_| PathBuf::from(CARGO_DENY.name)));
    let program = program.args(["check"]).args(checks).dir(cx.root());
    Suite { name, program, obstacle: deny.clone().err(), testbed: None }
}
