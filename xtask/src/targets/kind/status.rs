//! `kind status`.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::kind::{Kind, Node, Status};
use crate::report::{Answer, Page, Style, Table};

/// Show the cluster, its nodes, and how they are
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Prints it. Fails with exit status 3 when there is a cluster that cannot be used.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let status = Kind::of(cx)?.status(cx)?;
        cx.reporter.answer("kind status", &status)?;
        match status.trouble() {
            None => Ok(()),
            Some(trouble) => Err(Failure::missing(format!("the cluster `{}` is {trouble}", status.cluster))
                .help("bring it back with `cargo xtask kind up`")
                .into()),
        }
    }
}

impl Answer for Status {
    fn write(&self, page: &mut Page) {}
}
