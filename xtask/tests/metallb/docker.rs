//! A Docker daemon that has one network, and answers from what it is given.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;

use serde_json::{Value, json};

/// Answers on a Unix socket until the test ends.
pub struct FakeDocker {
    pub host: String,
}

impl FakeDocker {
    /// With the network `kind` of these subnets and running containers.
    pub fn start(folder: &Path, subnets: &[&str], containers: &[(&str, &str)]) -> Self {
        let path = folder.join("docker.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let config: Vec<Value> = subnets.iter().map(|subnet| json!({ "Subnet": subnet })).collect();
        let members: serde_json::Map<String, Value> = containers
            .iter()
            .map(|(name, address)| ((*name).to_owned(), json!({ "Name": name, "IPv4Address": address })))
            .collect();
        let network = json!({ "Name": "kind", "IPAM": { "Config": config }, "Containers": members });
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let network = network.clone();
                thread::spawn(move || answer(&connection, &network));
            }
        });
        Self { host: format!("unix://{}", path.display()) }
    }
}

/// Answers one request after another, none of which has a body.
fn answer(connection: &UnixStream, network: &Value) -> Option<()> {
    let mut lines = BufReader::new(connection).lines();
    loop {
        let request = lines.next()?.ok()?;
        while !lines.next()?.ok()?.is_empty() {}
        let path = request.split(' ').nth(1)?.to_owned();
        let (status, body) = if path.ends_with("/version") {
            (200, json!({ "ApiVersion": "1.41", "Version": "20.10.24" }))
        } else if path.contains("/containers/json") {
            (200, json!([]))
        } else if path.contains("/networks/kind") {
            (200, network.clone())
        } else {
            (404, json!({ "message": format!("no {path}") }))
        };
        let body = body.to_string();
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        (&*connection).write_all(head.as_bytes()).ok()?;
    }
}
