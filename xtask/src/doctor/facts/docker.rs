//! What Docker tells of itself.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bollard::Docker as Client;
use bollard::models::SystemInfo;
use ipnet::IpNet;

use super::inside::{DockerNetwork, Published};
use super::{Seen, limit};
use crate::context::Context;
use crate::docker::{Docker, Endpoint};
use crate::failure::{Exit, exit_of};
use crate::printable::printable;
use crate::profile::Version;

/// What checks have to know of Docker.
#[derive(Clone, Debug)]
pub struct DockerFacts {
    /// As in `DOCKER_HOST`.
    pub endpoint: String,
    /// As it tells it; not every build has a number.
    pub version: String,
    /// Whether it runs without the rights of root.
    pub rootless: bool,
    /// Where it runs.
    pub place: Place,
    /// What keeps the layers of images.
    pub storage: String,
    /// Where its data are, on the machine where it runs.
    pub data: PathBuf,
    /// In bytes.
    pub memory: Option<u64>,
    /// Processors.
    pub cpus: Option<u64>,
    /// 1 or 2.
    pub cgroup: Option<u8>,
    /// What it can limit.
    pub limits: Limits,
    /// Whether its machine passes packets on.
    pub forwarding: Option<bool>,
    /// Whether it reaches registries through a proxy.
    pub proxied: bool,
    /// Its networks.
    pub networks: Vec<DockerNetwork>,
    /// What runs in it.
    pub containers: Vec<Published>,
}

/// Whether Docker has the kernel of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// It has.
    Here,
    /// It has another, under this operating system.
    Elsewhere(String),
}

/// Which limits Docker can set for a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of memory.
    pub memory: bool,
    /// Of processor time.
    pub cpu: bool,
    /// Of processes.
    pub pids: bool,
}

/// Asks Docker; a finding tells why it does not answer.
pub(super) fn read(cx: &Context) -> Result<DockerFacts, Seen> {
    let endpoint = Endpoint::find(cx)?;
    if endpoint.transport().is_err() {
        return Err(Seen::missing(
            format!(
                "Docker at `{endpoint}` may be on another machine: mounts and addresses would not be here"
            ),
            "choose one of this machine: `DOCKER_HOST=unix:///var/run/docker.sock`",
        ));
    }
    let (asked_at, limit) = (Instant::now(), limit(cx));
    let asked = Docker::find(cx)?.ask(cx, limit, "Docker", async |client: Client| {
        Ok(tokio::try_join!(client.info(), client.list_networks(None), client.list_containers(None))?)
    });
    let (info, networks, containers) = asked.map_err(|error| match exit_of(&error) {
        Exit::TimedOut => Seen::missing(
            format!(
                "Docker at `{endpoint}` takes connections, and did not answer within {}",
                waited(asked_at)
            ),
            "look at `systemctl status docker`, and restart it with `sudo systemctl restart docker`",
        ),
        _ => error.into(),
    })?;
    let networks = networks.into_iter().map(DockerNetwork::from).collect();
    let containers = containers.into_iter().map(Published::from).collect();
    Ok(facts(endpoint.to_string(), info, networks, containers))
}

/// Since then, to a tenth of a second.
fn waited(since: Instant) -> impl std::fmt::Display {
    let tenths = since.elapsed().as_millis() / 100;
    humantime::format_duration(Duration::from_millis(u64::try_from(tenths * 100).unwrap_or(u64::MAX)))
}

fn facts(
    endpoint: String,
    info: SystemInfo,
    networks: Vec<DockerNetwork>,
    containers: Vec<Published>,
) -> DockerFacts {
    let text = |text: Option<String>| printable(&text.unwrap_or_default());
    let positive = |number: Option<i64>| number.and_then(|it| u64::try_from(it).ok()).filter(|it| *it > 0);
    let is_rootless = |option: &String| option.split(',').any(|it| it == "name=rootless");
    // Without a driver what Docker tells of limits means nothing (moby/moby#42151).
    let limited = info.cgroup_driver.is_some_and(|driver| driver.to_string() != "none");
    let can = |limit: Option<bool>| limited && limit == Some(true);
    let same = info.kernel_version.as_deref() == own_kernel().as_deref();
    let is_proxy = |proxy: &Option<String>| proxy.as_ref().is_some_and(|it| !it.is_empty());
    DockerFacts {
        endpoint,
        version: text(info.server_version),
        rootless: info.security_options.iter().flatten().any(is_rootless),
        place: if same { Place::Here } else { Place::Elsewhere(text(info.operating_system)) },
        storage: text(info.driver),
        data: text(info.docker_root_dir).into(),
        memory: positive(info.mem_total),
        cpus: positive(info.ncpu),
        cgroup: info.cgroup_version.and_then(|version| version.to_string().parse().ok()),
        limits: Limits {
            memory: can(info.memory_limit),
            cpu: can(info.cpu_shares),
            pids: can(info.pids_limit),
        },
        forwarding: info.ipv4_forwarding,
        proxied: is_proxy(&info.http_proxy) || is_proxy(&info.https_proxy),
        networks,
        containers,
    }
}

fn own_kernel() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/osrelease").ok().map(|release| release.trim().to_owned())
}

impl DockerFacts {
    /// Its number, where it has one.
    pub fn number(&self) -> Option<Version> {
        Version::parse(&self.version)
    }

    /// Whether a container of this name runs.
    pub fn runs(&self, name: &str) -> bool {
        self.containers.iter().any(|it| it.name == name)
    }

    /// The subnets of a network; none where that is not there.
    pub fn subnets(&self, network: &str) -> &[IpNet] {
        let found = self.networks.iter().find(|it| it.name == network);
        found.map_or(&[], |it| &it.subnets)
    }

    /// One that lacks nothing, to be changed by tests.
    #[cfg(test)]
    pub fn for_tests() -> Self {
        let info = SystemInfo {
            server_version: Some("28.2.2".into()),
            kernel_version: own_kernel(),
            driver: Some("overlay2".into()),
            docker_root_dir: Some("/var/lib/docker".into()),
            mem_total: Some(32 << 30),
            ncpu: Some(16),
            cgroup_driver: Some(bollard::models::SystemInfoCgroupDriverEnum::SYSTEMD),
            cgroup_version: Some(bollard::models::SystemInfoCgroupVersionEnum::_2),
            memory_limit: Some(true),
            cpu_shares: Some(true),
            pids_limit: Some(true),
            ipv4_forwarding: Some(true),
            ..SystemInfo::default()
        };
        facts("unix:///var/run/docker.sock".into(), info, Vec::new(), Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::SystemInfoCgroupDriverEnum;

    use super::*;

    #[test]
    fn limits_without_a_driver_mean_nothing() {
        let told = |driver| {
            let info = SystemInfo {
                cgroup_driver: Some(driver),
                memory_limit: Some(true),
                pids_limit: Some(true),
                ..SystemInfo::default()
            };
            facts(String::new(), info, Vec::new(), Vec::new()).limits
        };
        let (none, some) = (false, true);
        let expected = |it| Limits { memory: it, cpu: false, pids: it };
        assert_eq!(told(SystemInfoCgroupDriverEnum::NONE), expected(none));
        assert_eq!(told(SystemInfoCgroupDriverEnum::CGROUPFS), expected(some));
    }

    #[test]
    fn rootless_and_another_kernel_are_told() {
        let info = SystemInfo {
            security_options: Some(vec!["name=seccomp,profile=builtin".into(), "name=rootless".into()]),
            kernel_version: Some("6.0.0-linuxkit".into()),
            operating_system: Some("Docker Desktop\x1b[2J".into()),
            ..SystemInfo::default()
        };
        let facts = facts(String::new(), info, Vec::new(), Vec::new());
        assert!(facts.rootless);
        assert_eq!(facts.place, Place::Elsewhere("Docker Desktop [2J".into()));
    }
}
