//! The Kubernetes API that is asked: a program of its own, because nothing
//! that users run depends on it.

use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::process::{Program, Running};

/// How Cargo builds it. The whole workspace is selected, as for the tests:
/// other packages would have other features, and everything would be built anew.
const BUILD: [&str; 6] = ["build", "--workspace", "--example", "kubernetes", "--message-format", "json"];
/// How long an answer may take beside its latency.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Service, by namespace and name.
pub type Service = (String, String);

/// The running API.
pub struct Api {
    input: PipeWriter,
    output: BufReader<PipeReader>,
    errors: PipeReader,
    first: FirstLine,
    _running: Running,
}

#[derive(Deserialize)]
struct FirstLine {
    address: SocketAddr,
    kubeconfig: String,
}

/// What builds the API's program.
pub fn build(cx: &Context) -> Program {
    Program::new("cargo").args(BUILD).dir(cx.root())
}

impl Api {
    /// Builds the program and starts it.
    pub fn start(cx: &Context) -> anyhow::Result<Self> {
        let build = build(cx);
        cx.reporter.command(&build.to_string());
        let messages = build.read(cx)?;
        let path = executable(&messages).with_context(|| format!("`{build}` tells no executable"))?;
        let program = Program::new(path);
        cx.reporter.command(&program.to_string());
        let (running, pipes) = program.start_piped(cx)?;
        let mut output = BufReader::new(pipes.stdout);
        let mut line = String::new();
        output.read_line(&mut line).context("cannot read from the Kubernetes API")?;
        let first = serde_json::from_str(&line).context("the Kubernetes API does not start")?;
        Ok(Self { input: pipes.stdin, output, errors: pipes.stderr, first, _running: running })
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
        self.tell(&format!("latency {}", latency.as_millis()))
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
        self.tell(&format!("apply {object}"))
    }

    /// Returns when it is in force.
    fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        let mut answer = String::new();
        let told = writeln!(self.input, "{line}").and_then(|()| self.output.read_line(&mut answer));
        if !matches!(told, Ok(count) if count > 0) {
            let mut said = String::new();
            // What it said last is all there is to tell.
            let _ = self.errors.read_to_string(&mut said);
            return Err(anyhow::anyhow!(said.trim().to_owned()).context("the Kubernetes API has ended"));
        }
        Ok(())
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

/// The program, among what Cargo tells of a build.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?))).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_in_what_cargo_tells() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
                        {\"reason\":\"compiler-artifact\",\"executable\":\"/target/x\"}\n\
                        {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executable(messages), Some(PathBuf::from("/target/x")));
        assert_eq!(executable("no JSON\n"), None);
    }
}
