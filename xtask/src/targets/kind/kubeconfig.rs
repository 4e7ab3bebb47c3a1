//! `kind kubeconfig`.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::kind::Kind;
use crate::not_found::is_not_found;
use crate::report::{Answer, Page};

/// Print the kubeconfig of the cluster
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Shown {
    file: PathBuf,
    context: String,
    /// It holds a key: programs read the file.
    #[serde(skip)]
    text: String,
}

impl Args {
    /// Prints it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let kind = Kind::of(cx)?;
        let path = cx.own_kubeconfig();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if is_not_found(&error) => {
                let message = format!("there is no kubeconfig of the cluster `{}`", kind.cluster());
                return Err(Failure::missing(message)
                    .help("make the cluster with `cargo xtask kind up`")
                    .into());
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        };
        cx.reporter.answer("kind kubeconfig", &Shown { file: path, context: kind.context(), text })
    }
}

impl Answer for Shown {
    fn write(&self, page: &mut Page) {
        self.text.lines().for_each(|line| page.line(line));
    }
}
