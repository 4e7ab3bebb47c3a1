//! The `[metallb]` table of a profile.

#[cfg(test)]
mod tests;

use serde::Serialize;

use super::object::is_name;
use super::section::{Item, Raw, Section};
use super::version::{Version, Versions};

/// Longest text of a chart or repository, in bytes.
const MAX_PLACE: usize = 255;

/// What gives services of type `LoadBalancer` their addresses.
#[derive(Clone, Debug, Serialize)]
pub struct MetallbProfile {
    /// Of the program `helm`.
    pub helm: Versions,
    /// The chart's name in the repository.
    pub chart: String,
    /// Where charts are had.
    pub repository: String,
    /// Of the chart.
    pub version: Version,
    /// Where it is installed.
    pub namespace: String,
    /// How many addresses the services without a pool of their own share.
    pub rest: u16,
    /// One address each.
    pub pools: Vec<PoolProfile>,
}

/// An address that is kept for one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolProfile {
    /// The pool's name.
    pub name: String,
    /// The last byte of its address in the last /24 of the network, where that
    /// is to be had.
    pub host: u8,
    /// Namespace of the service.
    pub namespace: String,
    /// Labels of the service, key and value; none: any service there.
    pub labels: Vec<(String, String)>,
}

impl MetallbProfile {
    /// Name of the pool for the services without one of their own.
    pub const REST: &str = "rest";

    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let helm = section.required("helm").and_then(Item::section).and_then(Versions::read);
        let chart = section.required("chart").and_then(|item| item.text()?.read(read_name));
        let repository = section.required("repository").and_then(|item| item.text()?.read(read_repository));
        let version = section.required("version").and_then(|item| {
            item.text()?.read(|text| Version::parse(text).ok_or_else(|| format!("`{text}` is not a version")))
        });
        let namespace = section.required("namespace").and_then(|item| item.text()?.read(read_name));
        let rest = section.required("rest").and_then(|item| item.number::<u16>("0 to 65535"));
        let tables = section.required("pool").and_then(Item::list);
        section.finish();
        Some(Self {
            helm: helm?,
            chart: chart?.value,
            repository: repository?.value,
            version: version?.value,
            namespace: namespace?.value,
            rest: rest?.value,
            pools: read_pools(tables?),
        })
    }
}

fn read_pools(tables: Vec<Raw<'_, '_>>) -> Vec<PoolProfile> {
    let mut pools: Vec<PoolProfile> = Vec::new();
    for table in tables {
        let at = table.at.clone();
        let Some(pool) = table.section().and_then(PoolProfile::read) else { continue };
        if pools.iter().any(|other| other.name == pool.name) {
            at.report(format!("there are two pools `{}`", pool.name));
        }
        if pools.iter().any(|other| other.host == pool.host) {
            at.report(format!("two pools have host {}", pool.host));
        }
        pools.push(pool);
    }
    pools
}

impl PoolProfile {
    fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let name = section.required("name").and_then(|item| item.text()?.read(read_pool_name));
        let host =
            section.required("host").and_then(|item| item.number::<u8>("1 to 254")?.read(|&it| host(it)));
        let namespace = section.required("namespace").and_then(|item| item.text()?.read(read_name));
        let labels = section.optional("labels").and_then(Item::list).unwrap_or_default();
        section.finish();
        let label = |item: Raw<'_, '_>| item.text()?.read(read_label).map(|item| item.value);
        Some(Self {
            name: name?.value,
            host: host?.value,
            namespace: namespace?.value,
            labels: labels.into_iter().filter_map(label).collect(),
        })
    }
}

fn read_name(text: &String) -> Result<String, String> {
    if is_name(text) {
        return Ok(text.clone());
    }
    Err(format!("`{text}` is not a name of lower-case letters, digits and `-`"))
}

/// One name is that of the pool for all others.
fn read_pool_name(text: &String) -> Result<String, String> {
    if text == MetallbProfile::REST {
        return Err(format!("`{text}` is the pool of the services without one of their own"));
    }
    read_name(text)
}

/// The others are a network's own in many subnets.
fn host(host: u8) -> Result<u8, String> {
    if (1..=254).contains(&host) { Ok(host) } else { Err(format!("host {host} is not of 1 to 254")) }
}

fn read_repository(text: &String) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"'\\`{}".contains(&byte);
    let known = ["https://", "oci://"].iter().any(|scheme| text.starts_with(scheme));
    if known && text.len() <= MAX_PLACE && text.bytes().all(allowed) && !text.contains('@') {
        return Ok(text.clone());
    }
    Err(format!("`{text}` is not a repository of charts: `https://…` or `oci://…`"))
}

/// Of the syntax of labels, what is needed here.
fn read_label(text: &String) -> Result<(String, String), String> {
    let plain = |text: &str, more: &[u8]| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || more.contains(&byte);
        !text.is_empty() && text.bytes().all(allowed)
    };
    match text.split_once('=') {
        Some((key, value)) if plain(key, b"./-_") && plain(value, b".-_") => Ok((key.into(), value.into())),
        _ => Err(format!("`{text}` is not a label, such as `app.kubernetes.io/name=traefik`")),
    }
}
