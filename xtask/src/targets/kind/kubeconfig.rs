//! `kind kubeconfig`.

use std::fs;
use std::io::ErrorKind;

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;
use crate::kind::Kind;
use crate::kubeconfig;

/// Print the kubeconfig of the cluster
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Prints it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let kind = Kind::of(cx)?;
        let path = kubeconfig::path(cx);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => {
                let message = format!("there is no kubeconfig of the cluster `{}`", kind.cluster());
                return Err(Failure::missing(message)
                    .help("make the cluster with `cargo xtask kind up`")
                    .into());
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        };
        cx.reporter.stdout(&text)
    }
}
