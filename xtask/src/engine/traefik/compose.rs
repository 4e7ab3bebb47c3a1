//! The Compose program: version 2 as a plug-in of Docker's client, else version 1.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;

use crate::context::Context;
use crate::docker::Endpoint;
use crate::failure::{Exit, Failure, exit_of};
use crate::process::Program;

/// How long Compose may take, when `--timeout` says nothing. The image is there.
const PATIENCE: Duration = Duration::from_mins(1);

/// A Compose program, told which Docker to use.
#[derive(Clone, Debug)]
pub struct Compose(Program);

impl Compose {
    /// The one that is there.
    pub fn find(cx: &Context, endpoint: &Endpoint) -> anyhow::Result<Self> {
        let told =
            |program: Program| program.variable("DOCKER_HOST", endpoint.to_string()).patience(PATIENCE);
        let plugin = told(Program::new("docker").args(["compose"]));
        if works(cx, &plugin)? {
            return Ok(Self(plugin));
        }
        let standalone = told(Program::new("docker-compose"));
        if works(cx, &standalone)? {
            return Ok(Self(standalone));
        }
        Err(Failure::missing(
            "Docker Compose is missing: neither `docker compose` nor `docker-compose` works",
        )
        .help("install it with `sudo apt-get install docker-compose`")
        .into())
    }

    /// Makes and starts what the project in `folder` says.
    pub fn up(&self, cx: &Context, project: &str, folder: &Path) -> anyhow::Result<()> {
        self.run(cx, "up", &self.program(project, folder, &["up", "--detach"]))
    }

    /// Makes what the project in `folder` says, and starts nothing.
    pub fn make(&self, cx: &Context, project: &str, folder: &Path) -> anyhow::Result<()> {
        self.run(cx, "up", &self.program(project, folder, &["up", "--no-start"]))
    }

    /// Stops and removes it; its containers are killed after `drain`.
    pub fn down(&self, cx: &Context, project: &str, folder: &Path, drain: Duration) -> anyhow::Result<()> {
        let seconds = drain.as_millis().div_ceil(1000).to_string();
        let program = self.program(project, folder, &["down", "--timeout", &seconds]);
        self.run(cx, "down", &program.patience(drain + PATIENCE))
    }

    /// For people: how it would be called.
    pub fn describe(&self, project: &str, folder: &Path, verb: &str) -> String {
        self.program(project, folder, &[verb]).to_string()
    }

    fn program(&self, project: &str, folder: &Path, verb: &[&str]) -> Program {
        let file = folder.join(super::files::COMPOSE);
        let program = self.0.clone().args(["-p", project, "-f"]).args([file]);
        program.args(["--project-directory"]).args([folder]).args(verb)
    }

    fn run(&self, cx: &Context, verb: &str, program: &Program) -> anyhow::Result<()> {
        cx.reporter.command(&program.to_string());
        let (succeeded, said) = program.capture(cx)?;
        said.lines().for_each(|line| cx.reporter.detail(line));
        if succeeded {
            return Ok(());
        }
        let help = "see what Compose says; `cargo xtask router render --write` makes its files anew";
        let failure = Failure::failed(format!("`{} {verb}` failed", self.0)).help(help);
        Err(anyhow::anyhow!(said.trim().to_owned()).context(failure))
    }
}

/// Whether the program is there and tells its version.
fn works(cx: &Context, program: &Program) -> anyhow::Result<bool> {
    match program.clone().args(["version"]).capture(cx) {
        Ok((succeeded, _)) => Ok(succeeded),
        Err(error) if exit_of(&error) == Exit::Missing => Ok(false),
        Err(error) => Err(error).context("cannot look for Docker Compose"),
    }
}
