//! Whether Docker can start what is privileged, as kind wants it.

use std::path::{Path, PathBuf};

use super::super::docker::Server;
use super::{PATIENCE, node};
use crate::context::Context;
use crate::process::Program;

/// Docker's client that asks for all capabilities but one.
const WRAPPER: &str = "testbed/docker/unprivileged";

/// The folder of the client that starts what is privileged, to be put first in
/// `PATH`: that of the client itself, or of a wrapper where the machine lacks
/// a capability.
pub fn folder(cx: &Context, server: &Server, client: &Path) -> anyhow::Result<PathBuf> {
    let Err(error) = probe(cx, &server.client) else {
        return Ok(client.parent().unwrap_or(Path::new("/")).to_owned());
    };
    let wrapper = cx.root().join(WRAPPER);
    probe(cx, &server.call(&wrapper.join("docker")))?;
    cx.reporter.note(&format!("Docker starts nothing privileged here, so `{WRAPPER}` is used: {error:#}"));
    Ok(wrapper)
}

fn probe(cx: &Context, client: &Program) -> anyhow::Result<String> {
    let run = client.clone().args(["run", "--rm", "--privileged", "--network", "none", "--entrypoint"]);
    run.args(["/bin/true", &node::image(cx)]).quietly(PATIENCE)
}
