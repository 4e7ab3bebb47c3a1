//! A real Gitea, with its database in a file.

mod files;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::ready::{Question, is_ready};
use super::{Ready, Testbed, dir, wait_until};
use crate::context::Context;
use crate::failure::Failure;
use crate::part::{self, GITEA, GITEA_MODULE};
use crate::ports::free_address;
use crate::process::{Program, Running};
use files::Files;

/// The variable that tells tests where it is.
const URL: &str = "XTASK_TEST_GITEA_URL";
/// The variable that names the certificate to trust.
const CA: &str = "XTASK_TEST_GITEA_CA";
/// The variable that names the file with an administrator's token.
const TOKEN_FILE: &str = "XTASK_TEST_GITEA_TOKEN_FILE";
/// The first administrator.
const ADMIN: &str = "gitea_admin";
/// How many ports are tried: somebody else may take one before it does.
const TRIES: usize = 3;
/// Where the sources come from; templates and texts are among them.
const SOURCES: &str = "code.gitea.io/gitea";

/// The program.
#[derive(Debug)]
pub struct Gitea {
    program: PathBuf,
}

/// In the order in which they end.
struct Server {
    _process: Running,
    files: Files,
    address: SocketAddr,
}

impl Gitea {
    /// Builds it if it is not there and may be built: with `CI=true`, with
    /// `--yes`, or when it was asked for by name. Else says why not.
    pub fn prepare(cx: &Context, named: bool) -> anyhow::Result<Result<Testbed, String>> {
        let may_build = named || cx.yes || cx.environment.ci;
        if !may_build && GITEA.find(cx).is_none() {
            return Ok(Err(format!(
                "`gitea` is not built, which takes minutes: `cargo xtask test gitea` builds it, or name one for \
                 tests in {URL}, with files of the certificate to trust in {CA} and of an administrator's token \
                 in {TOKEN_FILE}"
            )));
        }
        let program = part::provide(cx, &[&GITEA])?.into_iter().next().context("one was asked for")?;
        Ok(program.map(|program| Testbed::Gitea(Self { program })))
    }

    pub(super) fn plan(&self, cx: &Context) -> anyhow::Result<()> {
        cx.reporter.would(&format!("start `{}`", self.program.display()))
    }

    pub(super) fn start(&self, cx: &Context, program: Program) -> anyhow::Result<Ready> {
        let sources = part::go_sources(cx, GITEA_MODULE, SOURCES)?;
        let mut left = TRIES;
        let server = loop {
            left -= 1;
            match self.serve(cx, &sources)? {
                Ok(server) => break server,
                Err(ended) if left == 0 => return Err(ended),
                Err(_) => {}
            }
        };
        let program = program
            .variable(URL, format!("https://{}", server.address))
            .variable(CA, server.files.path(files::AUTHORITY))
            .variable(TOKEN_FILE, server.files.path(files::TOKEN));
        Ok(Ready { program, _servers: Box::new(server) })
    }

    /// Starts it on a port that was free a moment ago. Why it ended, if it did.
    fn serve(&self, cx: &Context, sources: &Path) -> anyhow::Result<anyhow::Result<Server>> {
        let address = free_address()?;
        let files = Files::new(address, sources)?;
        self.command(&files, &["migrate"]).capture(cx).and_then(succeeded)?;
        let token = self.make_administrator(cx, &files)?;
        files.write(files::TOKEN, &token)?;
        let log = dir(cx).join("gitea.log");
        let server = self.command(&files, &["web"]).start(cx, &log)?;
        let authority = files.path(files::AUTHORITY);
        let ready = wait_until(cx, "gitea", (&server, &log), || {
            is_ready(&Question { address, authority: &authority, path: "/api/healthz", token: None })
                .unwrap_or(false)
        });
        match ready {
            Ok(()) => Ok(Ok(Server { _process: server, files, address })),
            Err(error) if server.ended()?.is_some() => Ok(Err(error)),
            Err(error) => Err(error),
        }
    }

    /// Makes an account with a password that nobody learns; returns a token of
    /// it that may do anything.
    fn make_administrator(&self, cx: &Context, files: &Files) -> anyhow::Result<String> {
        let create = ["admin", "user", "create", "--admin", "--username", ADMIN, "--random-password"];
        let more =
            ["--email", "gitea_admin@localhost.invalid", "--must-change-password=false", "--access-token"];
        let create = self.command(files, &create).args(more).args(["--access-token-scopes", "all"]);
        let said = create.capture(cx).and_then(succeeded)?;
        let is_token = |word: &&str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let token = said.split_whitespace().find(is_token).context("Gitea made no token")?;
        Ok(token.to_owned())
    }

    fn command(&self, files: &Files, args: &[&str]) -> Program {
        let config = files.path(files::CONFIG);
        Program::new(&self.program).args(["--config".as_ref(), config.as_path()]).args(args).dir(files.dir())
    }
}

/// What it said, if it succeeded.
fn succeeded((is_ok, said): (bool, String)) -> anyhow::Result<String> {
    if is_ok { Ok(said) } else { Err(Failure::missing(format!("`gitea` cannot be set up: {said}")).into()) }
}
