//! Which Docker is asked, by us and by Compose alike.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::launch::Launch;
use crate::not_found::is_not_found;
use crate::process::Program;
use crate::replace::replace_private;
use crate::state::StateDir;

/// Where Docker listens when nothing is said.
const DEFAULT: &str = "unix:///var/run/docker.sock";
/// How long a daemon may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the client may take to tell of a context, when `--timeout` says nothing.
const INSPECT: Duration = Duration::from_secs(20);

/// The address of a Docker daemon, as in `DOCKER_HOST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(String);

/// How an address is reached.
#[derive(Debug, PartialEq, Eq)]
pub enum Transport<'a> {
    /// A socket's path.
    Unix(&'a str),
    /// `host:port`, in plain text.
    Tcp(&'a str),
}

/// The part of the client's configuration that says where its daemon is.
#[derive(Deserialize)]
struct Configuration {
    #[serde(rename = "currentContext")]
    current_context: Option<String>,
}

impl Endpoint {
    /// The one that was chosen, else that of the cluster or of the launch, else
    /// that of the client's current context, else the system's socket. Fails
    /// with exit status 5 when another was chosen than one of those: cluster or
    /// router would be looked for where it is not.
    pub fn find(cx: &Context) -> anyhow::Result<Self> {
        let launched = Launch::last(cx)?.and_then(|launch| launch.docker).map(Self);
        let made = Self::of_cluster(cx)?;
        let Some(chosen) = Self::chosen(cx)? else {
            return made.or(launched).map_or_else(|| Self::configured(cx), Ok);
        };
        let elsewhere = |at: &Self| !chosen.is_same(at);
        if let Some(made) = made.filter(elsewhere) {
            return Err(made.keeps("cluster was made", "kind down", &chosen, &Self::kept(cx), cx).into());
        }
        if let Some(launched) = launched.filter(elsewhere) {
            let file = Launch::path(cx);
            return Err(launched.keeps("router was started", "router stop", &chosen, &file, cx).into());
        }
        Ok(chosen)
    }

    /// Keeps it as the one that the cluster is in, for the calls after this one.
    pub fn keep(&self, cx: &Context) -> anyhow::Result<()> {
        if Self::of_cluster(cx)?.as_ref() == Some(self) {
            return Ok(());
        }
        replace_private(&Self::kept(cx), self.0.as_bytes())
    }

    /// Where that is kept. It goes with the cluster's folder.
    pub fn kept(cx: &Context) -> PathBuf {
        StateDir::of(cx).file("kind/docker")
    }

    /// The one that the cluster is in.
    fn of_cluster(cx: &Context) -> anyhow::Result<Option<Self>> {
        let path = Self::kept(cx);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(Self(text))),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        }
    }

    /// What the environment says: as Docker's own client has it.
    fn chosen(cx: &Context) -> anyhow::Result<Option<Self>> {
        let variables = &cx.environment.docker;
        if let Some(host) = &variables.host {
            return Ok(Some(Self(host.clone())));
        }
        variables.context.as_ref().map(|context| Self::of_context(cx, context)).transpose()
    }

    /// What the client's configuration says.
    fn configured(cx: &Context) -> anyhow::Result<Self> {
        let configured = current_context(cx.environment.docker.config.as_deref());
        configured.map_or_else(|| Ok(Self(DEFAULT.to_owned())), |context| Self::of_context(cx, &context))
    }

    fn of_context(cx: &Context, context: &str) -> anyhow::Result<Self> {
        if context == "default" {
            return Ok(Self(DEFAULT.to_owned()));
        }
        let inspect = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}", context];
        let host = Program::new("docker").args(inspect).patience(INSPECT).read(cx).with_context(|| {
            Failure::missing(format!("cannot tell where the Docker of context `{context}` is"))
                .help("choose a context of `docker context ls` with `docker context use NAME`")
        })?;
        Ok(Self(host.trim().to_owned()))
    }

    /// Whether it is the same, also by another path.
    fn is_same(&self, other: &Self) -> bool {
        let socket = |it: &Self| it.0.strip_prefix("unix://").and_then(|path| fs::canonicalize(path).ok());
        self == other || socket(self).is_some_and(|path| socket(other) == Some(path))
    }

    /// What there is in this one would be looked for in the `chosen` one.
    fn keeps(&self, what: &str, verb: &str, chosen: &Self, file: &Path, cx: &Context) -> Failure {
        let file = cx.shown(file);
        Failure::refused(format!("the {what} in the Docker at `{self}`, not at `{chosen}`")).help(format!(
            "stop it there first: `DOCKER_HOST={self} cargo xtask {verb}`; \
             if that Docker is gone for good, remove `{file}`"
        ))
    }

    /// How it is reached; fails for what we cannot speak, and for what may be
    /// another machine's: the ports, the addresses and the key are of this one.
    pub fn transport(&self) -> anyhow::Result<Transport<'_>> {
        let known = self.0.strip_prefix("unix://").map(Transport::Unix);
        let loopback = || self.0.strip_prefix("tcp://").filter(|it| is_loopback(it)).map(Transport::Tcp);
        known.or_else(loopback).with_context(|| {
            Failure::missing(format!(
                "the Docker at `{self}` cannot be used: it is no Unix socket or loopback address"
            ))
            .help(format!("choose one of this machine: `DOCKER_HOST={DEFAULT}`"))
        })
    }

    /// Fails when nobody listens there, or we may not connect.
    pub fn reach(&self) -> anyhow::Result<()> {
        let connected = match self.transport()? {
            Transport::Unix(path) => UnixStream::connect(path).map(drop),
            Transport::Tcp(address) => connect(address),
        };
        connected.map_err(|error| {
            let failure = self.unreachable(error.kind());
            anyhow::Error::new(error).context(failure)
        })
    }

    fn unreachable(&self, kind: ErrorKind) -> Failure {
        if kind == ErrorKind::PermissionDenied {
            return Failure::missing(format!("this user may not use the Docker at `{self}`")).help(
                "add yourself to the group docker: `sudo usermod -aG docker $USER`, then log in again",
            );
        }
        let help = if self.0 == DEFAULT {
            "start it with `sudo systemctl start docker`, or install it with `sudo apt-get install docker.io`"
        } else {
            "start it, or choose another with DOCKER_HOST or `docker context use NAME`"
        };
        Failure::missing(format!("Docker does not answer at `{self}`")).help(help)
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.0
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The context that the client's configuration names, if it does.
fn current_context(config: Option<&Path>) -> Option<String> {
    let text = fs::read(config?).ok()?;
    // A file that the client cannot read either is for it to tell.
    let context = serde_json::from_slice::<Configuration>(&text).ok()?.current_context?;
    Some(context).filter(|context| !context.is_empty())
}

/// Whether `host:port` is this machine whatever its network is.
fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

fn connect(address: &str) -> io::Result<()> {
    let mut last = ErrorKind::AddrNotAvailable.into();
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests;
