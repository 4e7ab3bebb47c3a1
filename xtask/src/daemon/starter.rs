//! Whoever started this daemon, while it waits for the daemon to serve.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use anyhow::Context as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::protocol::Ready;

/// Standard output, which is a socket: the configuration comes from it and one
/// line is written to it. Standard input is the starter's turn, which lasts as
/// long as somebody has it open: nobody else changes the platform while a
/// daemon is on its way, though its starter may be dead.
pub struct Starter {
    socket: UnixStream,
    /// Standard input until here, where no program that we start gets it: a
    /// credentials plug-in would hold the turn as long as it lives.
    _turn: OwnedFd,
}

impl Starter {
    /// The starter of this process. Standard input is empty from here on.
    pub fn new() -> anyhow::Result<Self> {
        let stdout = rustix::stdio::stdout().try_clone_to_owned();
        let turn = rustix::stdio::stdin().try_clone_to_owned();
        rustix::stdio::dup2_stdin(&null()?).context("cannot let go of standard input")?;
        Ok(Self {
            socket: stdout.context("cannot use standard output")?.into(),
            _turn: turn.context("cannot keep standard input")?,
        })
    }

    /// Reads the configuration.
    pub fn config<C: DeserializeOwned>(&mut self) -> anyhow::Result<C> {
        let mut config = Vec::new();
        self.socket.read_to_end(&mut config).context("cannot read the configuration")?;
        serde_json::from_slice(&config).context("cannot understand the configuration")
    }

    /// Tells that the daemon serves, or why not. Fails when the starter is gone:
    /// nobody knows of this daemon then, and it should end.
    pub fn tell(&mut self, ready: &Ready<impl Serialize>) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(ready).context("cannot write the first line")?;
        line.push(b'\n');
        self.socket.write_all(&line).context("nobody waits for this daemon any more")
    }

    /// Lets go of the starter, which waits for that, and of its turn. A daemon
    /// that cannot serve just ends.
    pub fn let_go(self) -> anyhow::Result<()> {
        rustix::stdio::dup2_stdout(&null()?).context("cannot let go of standard output")
    }
}

fn null() -> anyhow::Result<File> {
    File::options().read(true).write(true).open("/dev/null").context("cannot open `/dev/null`")
}
