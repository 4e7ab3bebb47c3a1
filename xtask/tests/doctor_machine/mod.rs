//! A machine as a test wants it: a Docker that answers what it is told to, and
//! the programs of a folder, which say what they are told to.
#![allow(dead_code, reason = "each test crate uses a part of this")]
#![allow(unreachable_pub, reason = "each test crate includes this as its own module")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::{Value, json};

use crate::support::{Call, Checkout};

/// A checkout with a folder of programs and a socket for Docker.
pub struct Machine {
    pub checkout: Checkout,
}

impl Machine {
    /// One that has all programs, and a Docker that answers.
    pub fn new() -> Self {
        let machine = Self::without_docker();
        let file = machine.forwarding();
        machine.serve(move |path| answer(path, &file));
        machine
    }

    /// The same without a Docker.
    pub fn without_docker() -> Self {
        let machine = Self { checkout: Checkout::new() };
        machine.program("kind", "echo kind v0.33.0 go1.26 linux/amd64");
        machine.program("helm", "echo v3.19.0+g1234567");
        machine.program("docker", "echo Docker version 28.2.2, build 1234567");
        machine.program("sudo", "shift; exec \"$@\"");
        machine
    }

    /// Where Docker listens.
    pub fn socket(&self) -> PathBuf {
        self.checkout.root().join("docker.sock")
    }

    /// Packets are passed on when this file is there.
    pub fn forwarding(&self) -> PathBuf {
        self.checkout.root().join("forwarding")
    }

    /// The folder of programs.
    pub fn programs(&self) -> PathBuf {
        self.checkout.root().join("bin")
    }

    /// A program that runs a script.
    pub fn program(&self, name: &str, script: &str) {
        self.checkout.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.programs().join(name), executable).unwrap();
    }

    /// A call of `doctor` with the profile `coder` on this machine.
    pub fn doctor(&self, args: &[&str]) -> Call {
        let fixed = ["doctor", "--profile", "coder", "--set", "router.bind=127.0.0.1"];
        let call = self.checkout.xtask(fixed.iter().chain(args));
        let call = call.env("DOCKER_HOST", format!("unix://{}", self.socket().display()));
        call.env("PATH", self.programs())
    }

    /// Answers what Docker is asked, until the test ends.
    fn serve(&self, answer: impl Fn(&str) -> Option<Value> + Clone + Send + 'static) {
        let listener = UnixListener::bind(self.socket()).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = answer.clone();
                thread::spawn(move || serve(stream, answer));
            }
        });
    }
}

fn serve(stream: UnixStream, answer: impl Fn(&str) -> Option<Value>) {
    let mut writer = stream.try_clone().unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(request) = lines.next() {
        // Nothing that is asked has a body.
        lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
        let path = request.split(' ').nth(1).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        // Most are asked in a version: `/v1.41/info`.
        let path = path.trim_start_matches('/');
        let path =
            path.split_once('/').filter(|(first, _)| first.starts_with("v1.")).map_or(path, |(_, it)| it);
        let (status, body) = match answer(path) {
            Some(body) => ("200 OK", body),
            None => ("404 Not Found", json!({ "message": "no such thing" })),
        };
        let body = body.to_string();
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        );
        if writer.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// What a good Docker says, whose machine has a VPN's network.
fn answer(path: &str, forwarding: &Path) -> Option<Value> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Some(match path {
        "version" => json!({ "ApiVersion": "1.41" }),
        "info" => json!({
            "ServerVersion": "28.2.2", "KernelVersion": kernel.trim(), "Driver": "overlay2",
            "DockerRootDir": "/", "NCPU": 16, "MemTotal": 34_359_738_368_u64,
            "CgroupDriver": "systemd", "CgroupVersion": "2", "MemoryLimit": true, "CPUShares": true,
            "PidsLimit": true, "IPv4Forwarding": forwarding.exists(), "SecurityOptions": [],
        }),
        "networks" => json!([
            { "Name": "kind", "Id": "0".repeat(64), "IPAM": { "Config": [{ "Subnet": "172.18.0.0/16" }] } },
            { "Name": "shop", "Id": "1".repeat(64), "IPAM": { "Config": [{ "Subnet": "10.96.8.0/24" }] } },
        ]),
        "containers/json" => json!([]),
        _ => return None,
    })
}

/// The finding of this name.
#[track_caller]
pub fn finding<'a>(told: &'a Value, name: &str) -> &'a Value {
    let findings = told["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["name"] == name).unwrap_or_else(|| panic!("{name}: {told:#}"))
}

/// What `doctor` answers on this machine.
pub fn json_of(machine: &Machine, args: &[&str]) -> Value {
    machine.doctor(&[args, &["--format", "json"]].concat()).run().json()
}
