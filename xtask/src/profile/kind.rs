//! The `[kind]` table of a profile.

mod mirror;
mod mount;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::router::Image;
use super::section::{Item, Section};
use super::version::Versions;

pub use mirror::Mirror;
pub use mount::Mount;

/// Most workers that a machine is asked to run.
const MAX_WORKERS: u8 = 16;
/// Shortest time that etcd keeps what has been overwritten: watches that fall
/// further behind begin anew.
const MIN_COMPACTION: Duration = Duration::from_mins(1);
/// Longest: ten years.
const MAX_COMPACTION: Duration = Duration::from_hours(10 * 365 * 24);

/// The cluster that kind makes, in Docker.
#[derive(Clone, Debug, Serialize)]
pub struct KindProfile {
    /// Of the program `kind`.
    pub versions: Versions,
    /// What the nodes are made of.
    pub node_image: Image,
    /// Where the API is reached from this machine. Port 0: any free one, which
    /// stays the same as long as the cluster is there.
    pub api_server: SocketAddr,
    /// The families of addresses that pods and services have.
    pub ip_family: IpFamily,
    /// Nodes beside the control plane, 0 to 16.
    pub workers: u8,
    /// How many pods a node takes, at least 1.
    pub max_pods: u16,
    /// Whether the API server logs who asked for what.
    pub audit: bool,
    /// The store of the API server.
    pub etcd: Etcd,
    /// What the machine should have.
    pub needs: Needs,
    /// A configuration of Docker's client, whose credentials for Docker Hub the
    /// nodes are given.
    pub docker_config: Option<PathBuf>,
    /// Where images are had instead.
    pub mirrors: Vec<Mirror>,
    /// What else the nodes see of this machine.
    pub mounts: Vec<Mount>,
}

/// The families of addresses that pods and services have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum IpFamily {
    /// IPv4 alone.
    Ipv4,
    /// IPv6 alone.
    Ipv6,
    /// Both.
    Dual,
}

/// The store of the API server.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Etcd {
    /// How large its data may grow, in MiB, at least 1.
    pub quota_mib: u32,
    /// How long it keeps what has been overwritten: a minute to ten years.
    #[serde(with = "humantime_text")]
    pub compaction: Duration,
}

/// What the machine should have.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Needs {
    /// Processors.
    pub cpus: u16,
    /// Memory, in GiB.
    pub memory_gib: u16,
    /// Free space where Docker keeps its data, in GiB.
    pub disk_gib: u16,
}

/// Ranges, as messages name them.
const PODS: &str = "1 to 65535";
const QUOTA: &str = "1 to 4294967295";

impl KindProfile {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let versions = section.required("versions").and_then(Item::section).and_then(Versions::read);
        let node_image = section.required("node_image").and_then(|it| it.text()?.read(|it| Image::parse(it)));
        let api_server = section.required("api_server").and_then(|item| item.text()?.read(read_address));
        let ip_family = section.required("ip_family").and_then(|item| item.word(&IpFamily::ALL));
        let workers =
            section.required("workers").and_then(|item| item.number::<u8>("0 to 16")?.read(|&it| few(it)));
        let max_pods = section.required("max_pods").and_then(|item| item.number::<u16>(PODS)?.read(some));
        let audit = section.required("audit").and_then(Item::flag);
        let etcd = section.required("etcd").and_then(Item::section).and_then(Etcd::read);
        let needs = section.required("needs").and_then(Item::section).and_then(Needs::read);
        let docker_config = section.optional("docker_config").map(Item::text);
        let mirrors = section.optional("mirror").and_then(Item::list).unwrap_or_default();
        let mounts = section.optional("mount").and_then(Item::list).unwrap_or_default();
        section.finish();
        let mirrors = mirror::read(mirrors);
        let mounts = mount::read(mounts);
        Some(Self {
            versions: versions?,
            node_image: node_image?.value,
            api_server: api_server?.value,
            ip_family: ip_family?,
            workers: workers?.value,
            max_pods: max_pods?.value,
            audit: audit?,
            etcd: etcd?,
            needs: needs?,
            docker_config: docker_config.flatten().map(|item| PathBuf::from(item.value)),
            mirrors,
            mounts,
        })
    }
}

impl Etcd {
    fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let quota = section.required("quota_mib").and_then(|item| item.number::<u32>(QUOTA)?.read(some));
        let compaction = section.required("compaction").and_then(|item| item.text()?.read(read_compaction));
        section.finish();
        Some(Self { quota_mib: quota?.value, compaction: compaction?.value })
    }
}

impl Needs {
    fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let mut number = |name| {
            section.required(name).and_then(|item| item.number::<u16>("0 to 65535")).map(|it| it.value)
        };
        let (cpus, memory_gib, disk_gib) = (number("cpus"), number("memory_gib"), number("disk_gib"));
        section.finish();
        Some(Self { cpus: cpus?, memory_gib: memory_gib?, disk_gib: disk_gib? })
    }
}

fn read_address(text: &String) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is not an address and port, such as `127.0.0.1:0`"))
}

/// With 0, kubelet and etcd take a default of their own.
fn some<T: Copy + PartialEq + From<u8>>(number: &T) -> Result<T, &'static str> {
    if *number == 0.into() { Err("0 is out of range: at least 1") } else { Ok(*number) }
}

fn read_compaction(text: &String) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| format!("`{text}` is not a time: {error}"))?;
    if (MIN_COMPACTION..=MAX_COMPACTION).contains(&time) {
        return Ok(time);
    }
    Err(format!("`{text}` is out of range: `1m` to `10y`"))
}

fn few(workers: u8) -> Result<u8, String> {
    if workers <= MAX_WORKERS { Ok(workers) } else { Err(format!("{workers} workers are more than 16")) }
}

/// A path of this machine: `~/` is the user's home, and what is relative
/// begins at the root of the workspace.
pub fn expand(path: &Path, root: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => root.join(path),
    }
}

impl IpFamily {
    const ALL: [Self; 3] = [Self::Ipv4, Self::Ipv6, Self::Dual];
}

impl fmt::Display for IpFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Dual => "dual",
        })
    }
}

/// Times as people write them.
mod humantime_text {
    use std::time::Duration;

    use serde::Serializer;

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_duration(*time))
    }
}
