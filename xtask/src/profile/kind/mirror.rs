//! Where a registry's images are had instead.

use std::path::PathBuf;

use serde::Serialize;

use crate::profile::section::{Item, Raw, Section};

/// Longest name of a registry: a host name with a port.
const MAX_REGISTRY: usize = 253 + 1 + 5;

/// Where a registry's images are had instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mirror {
    /// As images name it: `docker.io`, `registry.example:5000`.
    pub registry: String,
    /// `http://` or `https://`, a host and perhaps a port, at least one; tried
    /// in order, the registry itself last.
    pub endpoints: Vec<String>,
    /// A PEM file with the authorities that their certificates are signed by.
    pub ca: Option<PathBuf>,
}

/// Reads the tables; two for one registry are noted.
pub(super) fn read(tables: Vec<Raw<'_, '_>>) -> Vec<Mirror> {
    let mut mirrors: Vec<Mirror> = Vec::new();
    for table in tables {
        let at = table.at.clone();
        let Some(mirror) = table.section().and_then(Mirror::read) else { continue };
        if mirrors.iter().any(|other| other.registry == mirror.registry) {
            at.report(format!("registry `{}` has two tables", mirror.registry));
        }
        mirrors.push(mirror);
    }
    mirrors
}

impl Mirror {
    fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let registry = section.required("registry").and_then(|item| item.text()?.read(read_registry));
        let endpoints = section.required("endpoints").and_then(read_endpoints);
        let ca = section.optional("ca").map(Item::text);
        section.finish();
        Some(Self {
            registry: registry?.value,
            endpoints: endpoints?,
            ca: ca.flatten().map(|item| PathBuf::from(item.value)),
        })
    }
}

fn read_endpoints(item: Raw<'_, '_>) -> Option<Vec<String>> {
    let at = item.at.clone();
    let list = item.list()?;
    if list.is_empty() {
        at.report("a mirror has at least one endpoint");
    }
    let endpoint = |item: Raw<'_, '_>| item.text()?.read(read_endpoint).map(|item| item.value);
    Some(list.into_iter().filter_map(endpoint).collect())
}

fn read_registry(text: &String) -> Result<String, String> {
    if is_authority(text) {
        return Ok(text.clone());
    }
    Err(format!("`{text}` is not a registry, such as `docker.io` or `registry.example:5000`"))
}

fn read_endpoint(text: &String) -> Result<String, String> {
    let authority = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if authority.is_some_and(is_authority) {
        return Ok(text.clone());
    }
    Err(format!("`{text}` is not where a registry is, such as `https://mirror.example:5000`"))
}

/// It names a folder and stands in TOML: nothing in it may mean something there.
fn is_authority(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    !text.is_empty() && text.len() <= MAX_REGISTRY && !text.starts_with('.') && text.bytes().all(allowed)
}
