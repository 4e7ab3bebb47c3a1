//! The Kubernetes API that is asked.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::context::Context;
use crate::process::Program;
use crate::targets::bench::example::{self, Example};

/// The example that is one.
const EXAMPLE: &str = "kubernetes";
/// How long an answer may take beside its latency.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Service, by namespace and name.
pub type Service = (String, String);

/// The running API.
pub struct Api<'a> {
    example: Example<'a>,
    first: FirstLine,
}

#[derive(Deserialize)]
struct FirstLine {
    address: SocketAddr,
    kubeconfig: String,
}

/// What builds the API's program.
pub fn build(cx: &Context) -> Program {
    example::build(cx, EXAMPLE)
}

impl<'a> Api<'a> {
    /// Builds the program and starts it.
    pub fn start(cx: &'a Context) -> anyhow::Result<Self> {
        let (example, first) = Example::start(cx, EXAMPLE, |program| program)?;
        Ok(Self { example, first })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.first.address
    }

    /// The kubeconfig that leads there.
    pub fn kubeconfig(&self) -> &str {
        &self.first.kubeconfig
    }

    /// Lets every answer begin so much later from now on.
    pub fn delay(&mut self, latency: Duration) -> anyhow::Result<()> {
        self.example.tell(&format!("latency {}", latency.as_millis()))
    }

    /// Gives a Service of these ports a load balancer at `ip`.
    pub fn expose(&mut self, (namespace, name): &Service, ports: &[u16], ip: IpAddr) -> anyhow::Result<()> {
        let ports = ports.iter().map(|port| json!({ "name": format!("port-{port}"), "port": port }));
        let object = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": { "namespace": namespace, "name": name },
            "spec": { "type": "LoadBalancer", "ports": ports.collect::<Vec<_>>() },
            "status": { "loadBalancer": { "ingress": [{ "ip": ip }] } },
        });
        self.example.tell(&format!("apply {object}"))
    }
}

/// Asks for one object and nothing else, with a connection of its own.
pub fn request(api: SocketAddr, (namespace, name): &Service) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(api)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let path = format!("/api/v1/namespaces/{namespace}/services/{name}");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).with_context(|| format!("no answer to `GET {path}`"))?;
    let status = answer.lines().next().unwrap_or_default();
    ensure!(status.ends_with(" 200 OK"), "`GET {path}` is answered with `{status}`");
    Ok(())
}
