//! Which Docker is asked, by us and by Compose alike.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;

use crate::context::Context;
use crate::environment::DockerVariables;
use crate::failure::Failure;
use crate::process::Program;

/// Where Docker listens when nothing is said.
const DEFAULT: &str = "unix:///var/run/docker.sock";
/// How long a daemon may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);

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
    /// `DOCKER_HOST`, else that of the client's current context, else the
    /// system's socket: as Docker's own client has it.
    pub fn find(cx: &Context) -> anyhow::Result<Self> {
        let variables = &cx.environment.docker;
        if let Some(host) = &variables.host {
            return Ok(Self(host.clone()));
        }
        let Some(context) = current_context(variables) else { return Ok(Self(DEFAULT.to_owned())) };
        let inspect = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}", &context];
        let host = Program::new("docker").args(inspect).read(cx).with_context(|| {
            Failure::missing(format!("cannot tell where the Docker of context `{context}` is"))
                .help("choose a context of `docker context ls` with `docker context use NAME`")
        })?;
        Ok(Self(host.trim().to_owned()))
    }

    /// How it is reached; fails for what we cannot speak.
    pub fn transport(&self) -> anyhow::Result<Transport<'_>> {
        let known = self.0.strip_prefix("unix://").map(Transport::Unix);
        known.or_else(|| self.0.strip_prefix("tcp://").map(Transport::Tcp)).with_context(|| {
            Failure::missing(format!("the router cannot run in the Docker at `{self}`"))
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

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The context that the client uses, unless that is the default one.
fn current_context(variables: &DockerVariables) -> Option<String> {
    let configured = || {
        let text = std::fs::read(variables.config.as_ref()?).ok()?;
        // A file that the client cannot read either is for it to tell.
        serde_json::from_slice::<Configuration>(&text).ok()?.current_context
    };
    let context = variables.context.clone().or_else(configured)?;
    Some(context).filter(|context| !context.is_empty() && context != "default")
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
mod tests {
    use super::*;

    fn variables(host: Option<&str>, context: Option<&str>, config: Option<&str>) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.json");
        if let Some(config) = config {
            std::fs::write(&file, config).unwrap();
        }
        let text = |text: &str| text.to_owned();
        current_context(&DockerVariables {
            host: host.map(text),
            context: context.map(text),
            config: Some(file),
        })
    }

    #[test]
    fn the_context_is_that_of_the_client() {
        let configured = Some(r#"{"currentContext":"far","auths":{}}"#);
        assert_eq!(variables(None, None, None), None);
        assert_eq!(variables(None, None, Some("{}")), None);
        assert_eq!(variables(None, None, Some("no JSON")), None);
        assert_eq!(variables(None, None, configured).as_deref(), Some("far"));
        assert_eq!(variables(None, Some("near"), configured).as_deref(), Some("near"));
        assert_eq!(variables(None, Some("default"), configured), None);
    }

    #[test]
    fn only_what_can_be_spoken_is_a_transport() {
        let endpoint = |text: &str| Endpoint(text.to_owned());
        assert_eq!(endpoint("unix:///a").transport().unwrap(), Transport::Unix("/a"));
        assert_eq!(endpoint("tcp://[::1]:1").transport().unwrap(), Transport::Tcp("[::1]:1"));
        for text in ["ssh://root@far", "npipe:////./pipe/docker_engine", "/var/run/docker.sock"] {
            let error = endpoint(text).transport().unwrap_err();
            assert_eq!(error.to_string(), format!("the router cannot run in the Docker at `{text}`"));
        }
    }

    #[test]
    fn who_does_not_listen_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let endpoint = Endpoint(format!("unix://{}", dir.path().join("none.sock").display()));
        let error = endpoint.reach().unwrap_err();
        assert_eq!(error.to_string(), format!("Docker does not answer at `{endpoint}`"));
        assert_eq!(crate::failure::exit_of(&error), crate::failure::Exit::Missing);
        let denied = endpoint.unreachable(ErrorKind::PermissionDenied);
        assert_eq!(denied.to_string(), format!("this user may not use the Docker at `{endpoint}`"));
    }
}
