//! `router hosts`.

use crate::context::Context;
use crate::targets::generate::hosts::HostsAnswer;

/// Print lines for /etc/hosts that lead every name to the router
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Prints them.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        cx.reporter.answer("router hosts", &HostsAnswer::of(cx)?)
    }
}
