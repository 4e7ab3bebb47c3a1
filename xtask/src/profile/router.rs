//! The `[router]` table of a profile.

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroU16;

use routing::EntryPoint;
use serde::Serialize;

use super::bind::Bind;
use super::section::{Item, Section};

/// Longest image reference in bytes: a name of 255, a tag of 128.
const MAX_IMAGE: usize = 255 + 1 + 128;

/// How the SNI router runs and where it listens.
#[derive(Clone, Debug, Serialize)]
pub struct RouterProfile {
    /// What routes.
    #[serde(flatten)]
    pub engine: Engine,
    /// The address it listens on.
    pub bind: Bind,
    /// The port of each entry point. 0 asks for any free port, and occurs with
    /// the embedded engine only.
    pub ports: BTreeMap<EntryPoint, u16>,
}

/// What routes.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "engine", rename_all = "lowercase")]
pub enum Engine {
    /// Traefik in a container.
    Traefik(TraefikProfile),
    /// The router in this program.
    Embedded,
}

impl Engine {
    /// As the profile writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Traefik(_) => "traefik",
            Self::Embedded => "embedded",
        }
    }
}

/// What the Traefik container needs.
#[derive(Clone, Debug, Serialize)]
pub struct TraefikProfile {
    /// Its image.
    pub image: Image,
    /// How it reaches the network.
    pub network: Network,
    /// Port of Traefik's ping and API on 127.0.0.1 (of the container, in bridge mode).
    pub api_port: NonZeroU16,
    /// What its log tells.
    pub log_level: LogLevel,
    /// Whether HTTP requests are logged, too.
    pub access_log: bool,
}

/// The least weight of what Traefik logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LogLevel {
    Trace,
    Debug,
    #[default]
    Info,
    Warn,
    Error,
    Fatal,
    Panic,
}

/// How a container reaches the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// It shares the host's.
    Host,
    /// A network of its own, with published ports.
    Bridge,
}

/// An image reference: a name with a tag or a digest, so that it stays the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Image(String);

impl Image {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@-".contains(&byte);
        let starts = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        if !starts || text.len() > MAX_IMAGE || !text.bytes().all(allowed) {
            return Err(format!("`{text}` is not an image, such as `traefik:v3.7.15`"));
        }
        let last = text.rsplit('/').next().unwrap_or(text);
        if last.contains([':', '@']) && !last.ends_with([':', '@']) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("image `{text}` has no tag; pin one, as in `{text}:v3.7.15`"))
        }
    }
}

impl RouterProfile {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let engine = section.required("engine").and_then(|item| item.word(&["traefik", "embedded"]));
        let traefik = engine.map(|engine| engine == "traefik");
        let settings = read_traefik(&mut section, traefik == Some(true));
        let bind = section.required("bind").and_then(|item| item.text()?.read(|it| Bind::parse(it)));
        let ports = section.required("ports").and_then(Item::section);
        section.finish();
        let ports = read_ports(ports?, traefik == Some(true));
        let engine = if traefik? { Engine::Traefik(settings?) } else { Engine::Embedded };
        Some(Self { engine, bind: bind?.value, ports })
    }
}

/// Traefik's settings; with another engine they may be there, to be checked
/// all the same, so that `--set router.engine=embedded` suffices.
fn read_traefik(section: &mut Section<'_, '_>, required: bool) -> Option<TraefikProfile> {
    let mut take = |name| if required { section.required(name) } else { section.optional(name) };
    let image = take("image").and_then(|item| item.text()?.read(|text| Image::parse(text)));
    let network = take("network").and_then(|item| item.word(&[Network::Host, Network::Bridge]));
    let api_port = take("api_port").and_then(|item| item.number::<u16>("0 to 65535"));
    let api_port =
        api_port.and_then(|item| item.read(|&port| NonZeroU16::try_from(port).map_err(|_| PORT_ZERO)));
    let log_level = section.optional("log_level").map(|item| item.word(&LogLevel::ALL));
    let access_log = section.optional("access_log").map(Item::flag);
    Some(TraefikProfile {
        image: image?.value,
        network: network?,
        api_port: api_port?.value,
        log_level: log_level.unwrap_or(Some(LogLevel::default()))?,
        access_log: access_log.unwrap_or(Some(false))?,
    })
}

const PORT_ZERO: &str = "port 0 stands for any free port, which the `embedded` engine alone can take";

fn read_ports(mut section: Section<'_, '_>, fixed: bool) -> BTreeMap<EntryPoint, u16> {
    let mut ports = BTreeMap::new();
    for point in EntryPoint::ALL {
        let port = section.required(point.as_str()).and_then(|item| item.number::<u16>("0 to 65535"));
        let Some(port) = port else { continue };
        if port.value == 0 && fixed {
            port.at.report(PORT_ZERO);
        } else if port.value != 0 && ports.values().any(|other| *other == port.value) {
            port.at.report(format!("port {} is used twice", port.value));
        }
        ports.insert(point, port.value);
    }
    section.finish();
    ports
}

impl LogLevel {
    /// All of them, the most talkative first.
    pub const ALL: [Self; 7] =
        [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Fatal, Self::Panic];
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
            Self::Panic => "PANIC",
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Bridge => "bridge",
        })
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Image> for String {
    fn from(image: Image) -> Self {
        image.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_pinned() {
        for image in ["traefik:v3.7.15", "registry.local:5000/traefik:v3", "traefik@sha256:abc"] {
            assert_eq!(Image::parse(image).map(String::from), Ok(image.to_owned()));
        }
        for image in ["traefik", "registry.local:5000/traefik", "traefik:"] {
            assert!(Image::parse(image).unwrap_err().contains("pin one"), "{image}");
        }
        for image in ["", "a b:1", "{{x}}:1", "a\n:1", "\"a\":1", "-a:1"] {
            assert!(Image::parse(image).unwrap_err().contains("is not an image"), "{image}");
        }
    }
}
