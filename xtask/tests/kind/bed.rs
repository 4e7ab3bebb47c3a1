//! What the test bed has, and clusters of it that are gone with their tests.
#![allow(dead_code, reason = "tests of the bed itself use a part of this")]

use std::ffi::OsString;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU8, AtomicU16, Ordering};
use std::{env, process};

use tempfile::TempDir;

use crate::api::Api;
use crate::docker::docker;

/// The next last byte of an address that [`address`] gives.
static NEXT: AtomicU8 = AtomicU8::new(100);

/// Ports that the system does not give to clients.
const PORTS: std::ops::Range<u16> = 20_000..32_000;
/// How often kind is asked again.
const TRIES: u8 = 5;

/// A variable that `cargo xtask test kind` sets.
#[track_caller]
pub fn variable(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| panic!("`{name}` is not set: run `cargo xtask test kind`"))
}

/// The program `kind`.
pub fn kind() -> PathBuf {
    variable("XTASK_TEST_KIND").into()
}

/// The program `helm`.
pub fn helm() -> PathBuf {
    variable("XTASK_TEST_HELM").into()
}

/// The archive of MetalLB's chart.
pub fn chart() -> PathBuf {
    variable("XTASK_TEST_CHART").into()
}

/// The version of that chart, which its name tells.
pub fn chart_version() -> String {
    let chart = chart();
    let name = chart.file_stem().unwrap().to_str().unwrap();
    name.strip_prefix("metallb-").unwrap().to_owned()
}

/// The image of a node.
pub fn image() -> String {
    variable("XTASK_TEST_NODE_IMAGE").into_string().unwrap()
}

/// The image of a node in which something goes wrong: `testbed/kind-node/fault.go`.
pub fn faulty_image(fault: &str) -> String {
    image().replace("/node:", &format!("/node-{fault}:"))
}

/// A `PATH` with a client of Docker that can start nodes, `kind` and `helm`.
pub fn path() -> OsString {
    let mut folders = vec![PathBuf::from(variable("XTASK_TEST_PATH"))];
    folders.extend([kind(), helm()].iter().map(|program| program.parent().unwrap().to_owned()));
    folders.extend(env::split_paths(&variable("PATH")));
    env::join_paths(folders).unwrap()
}

/// A name of a cluster that no other test has.
pub fn name(test: &str) -> String {
    format!("xtask-test-{test}-{}", process::id())
}

/// The gateway of the network `kind`, where this machine listens for its nodes.
pub fn gateway() -> Ipv4Addr {
    let config = network();
    config.as_array().unwrap().iter().find_map(|it| it["Gateway"].as_str()?.parse().ok()).unwrap()
}

/// An address at the end of the network `kind` that no other test has.
pub fn address() -> Ipv4Addr {
    let config = network();
    let mut subnets =
        config.as_array().unwrap().iter().filter_map(|it| it["Subnet"].as_str()?.split_once('/'));
    let (base, bits): (Ipv4Addr, u32) =
        subnets.find_map(|(base, bits)| Some((base.parse().ok()?, bits.parse().ok()?))).unwrap();
    let last = u32::from(base) | (u32::MAX >> bits);
    Ipv4Addr::from((last & !0xff) | u32::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

fn network() -> serde_json::Value {
    serde_json::from_str(&docker(["network", "inspect", "kind", "--format", "{{json .IPAM.Config}}"]))
        .unwrap()
}

/// A port that is free, and that no other workspace is given.
pub fn free_port(ip: Ipv4Addr) -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    // Another run of these tests begins elsewhere.
    let begin = u16::try_from(process::id() % u32::from(span)).unwrap();
    (0..span)
        .map(|_| PORTS.start + (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % span)
        .find_map(|port| TcpListener::bind((ip, port)).ok()?.local_addr().ok())
        .expect("a port is free")
}

/// A program with the variables of the test bed.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("PATH", path()).stdin(Stdio::null());
    command
}

/// Has kind itself make a cluster, beside tests whose last cluster takes the
/// network with it: kind fails where that goes between its steps, and is asked
/// again. How that ended.
pub fn beside_others(mut create: impl FnMut() -> Output) -> Output {
    let went = |output: &Output| {
        !output.status.success() && String::from_utf8_lossy(&output.stderr).contains("network kind not found")
    };
    let mut output = create();
    for _ in 0..TRIES {
        if !went(&output) {
            break;
        }
        output = create();
    }
    output
}

/// A cluster made by kind itself; removed when dropped.
pub struct Cluster {
    /// Its name.
    pub name: String,
    dir: TempDir,
}

impl Cluster {
    /// Makes one, and waits until kind says that it is ready.
    #[track_caller]
    pub fn make(test: &str) -> Self {
        let (cluster, output) = Self::try_make(test, &image(), &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        cluster
    }

    /// Has kind try to; `args` are further ones of `kind create cluster`.
    pub fn try_make(test: &str, image: &str, args: &[&str]) -> (Self, Output) {
        let cluster = Self { name: name(test), dir: tempfile::tempdir().unwrap() };
        let create =
            || cluster.kind("create").args(["--image", image, "--wait", "1m"]).args(args).output().unwrap();
        let output = beside_others(create);
        (cluster, output)
    }

    /// A folder for files of the test.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Its kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        self.dir.path().join("kubeconfig")
    }

    /// The container of its control plane.
    pub fn control_plane(&self) -> String {
        format!("{}-control-plane", self.name)
    }

    /// A client of its API.
    pub fn api(&self) -> Api {
        Api::of(&std::fs::read_to_string(self.kubeconfig()).unwrap())
    }

    /// All of its containers, running or not.
    pub fn containers(&self) -> Vec<String> {
        let filter = format!("label=io.x-k8s.kind.cluster={}", self.name);
        docker(["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"])
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// Removes it.
    #[track_caller]
    pub fn delete(&self) {
        let output = self.kind("delete").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn kind(&self, verb: &str) -> Command {
        let mut command = command(&kind());
        command.args([verb, "cluster", "--name", &self.name, "--kubeconfig"]).arg(self.kubeconfig());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let output = self.kind("delete").output();
        if !output.is_ok_and(|output| output.status.success()) {
            // A test that fails already is not to be aborted by a second panic.
            let _ = writeln!(std::io::stderr(), "the cluster `{}` could not be deleted", self.name);
        }
    }
}
