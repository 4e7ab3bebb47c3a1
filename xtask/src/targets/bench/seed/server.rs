//! Repositories behind HTTPS: a server that is a process of its own, the same
//! for all ways.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::Deserialize;

use super::host::{Access, Host};
use super::repository::Repository;
use super::transport::Transport;
use super::way::Way;
use crate::context::Context;
use crate::process::Program;
use crate::replace::replace_private;
use crate::state::StateDir;
use crate::targets::bench::example::{self, Example};

/// The example that is one.
const EXAMPLE: &str = "gitea";

/// The running server. It ends when this is dropped.
pub struct Server<'a> {
    cx: &'a Context,
    branch: &'a str,
    first: FirstLine,
    /// How a repository of the server's is set.
    config: String,
    /// Files: Git's configuration, the certificate, the token.
    git: PathBuf,
    authority: PathBuf,
    token: PathBuf,
    _example: Example<'a>,
}

#[derive(Deserialize)]
struct FirstLine {
    url: String,
    /// A certificate, in PEM.
    authority: String,
    token: String,
    /// Whose the repositories are.
    owner: String,
    root: PathBuf,
}

/// What builds the server's program.
pub fn build(cx: &Context) -> Program {
    example::build(cx, EXAMPLE)
}

impl<'a> Server<'a> {
    /// Builds the program and starts it.
    pub fn start(cx: &'a Context, branch: &'a str) -> anyhow::Result<Self> {
        let state = StateDir::of(cx);
        // Its repositories are on the disk that the others are on, and go with them.
        let prepare =
            |program: Program| program.variable("TMPDIR", state.path()).args(Way::ALL.map(Way::name));
        let (example, first) = Example::start::<FirstLine>(cx, EXAMPLE, prepare)?;
        let [git, authority, token] = ["gitconfig", "authority.pem", "token"].map(|name| state.file(name));
        replace_private(&git, first.git_config().as_bytes())?;
        replace_private(&authority, first.authority.as_bytes())?;
        replace_private(&token, first.token.as_bytes())?;
        let config = String::new();
        let mut server = Self { cx, branch, first, config, git, authority, token, _example: example };
        server.config = server.repository(Way::ALL[0]).read_config()?;
        Ok(server)
    }
}

impl Host for Server<'_> {
    fn transport(&self) -> Transport {
        Transport::Https
    }

    fn repository(&self, way: Way) -> Repository<'_> {
        let FirstLine { url, owner, root, .. } = &self.first;
        let name = format!("{owner}/{}", way.name());
        let [git, authority, token] = [&self.git, &self.authority, &self.token].map(OsString::from);
        let access = Access {
            address: format!("{url}/{name}.git").into(),
            variables: vec![("GIT_CONFIG_GLOBAL", git), ("GIT_SSL_CAINFO", authority.clone())],
            flags: vec![
                ("--url", url.into()),
                ("--ca", authority),
                ("--token-file", token),
                ("--set", format!("gitea.repository={name}").into()),
                ("--set", format!("gitea.branch={}", self.branch).into()),
            ],
        };
        Repository::new(self.cx, root.join(format!("{name}.git")), self.branch, &self.config, access)
    }
}

impl FirstLine {
    /// The token goes with the first request, and no proxy is between.
    fn git_config(&self) -> String {
        let token = &self.token;
        format!("[http]\n\textraHeader = \"Authorization: token {token}\"\n\tproxy = \"\"\n")
    }
}
