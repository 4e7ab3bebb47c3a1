//! The `[tarball]` table of a profile.

use std::fmt;

use serde::Serialize;

use super::section::{Item, Section};

/// Longest text of a registry or repository, in bytes.
const MAX_PLACE: usize = 255;

/// Where release tarballs are published.
#[derive(Clone, Debug, Serialize)]
pub struct TarballProfile {
    /// Which one the platform is brought up from.
    pub variant: Variant,
    /// The Release Service's registry: `host` or `host:port`.
    pub registry: String,
    /// The folder of repositories there; each variant has one, in small letters.
    pub repository: String,
}

/// A kind of release tarball.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
pub enum Variant {
    /// For AWS and for one machine.
    #[serde(rename = "cloudFull")]
    #[value(name = "cloudFull")]
    CloudFull,
    /// For RKE2 on premises.
    #[serde(rename = "onpremFull")]
    #[value(name = "onpremFull")]
    OnpremFull,
}

impl TarballProfile {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let variant = section.required("variant").and_then(|item| item.word(&Variant::ALL));
        let registry = section.required("registry").and_then(Item::text);
        let registry = registry.and_then(|item| item.read(read_registry));
        let folder = section.required("repository").and_then(Item::text);
        let folder = folder.and_then(|item| item.read(|text| repository(text)));
        section.finish();
        Some(Self { variant: variant?, registry: registry?.value, repository: folder?.value })
    }
}

/// A host with a port, or without; it becomes part of a URL.
fn read_registry(text: &String) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if !text.is_empty() && text.len() <= MAX_PLACE && text.bytes().all(allowed) {
        return Ok(text.clone());
    }
    Err(format!("`{text}` is not a registry: `host` or `host:port`"))
}

/// What OCI's distribution specification takes as a repository's name.
pub fn repository(text: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let part = |part: &str| {
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        part.bytes().all(allowed) && edge(part.bytes().next()) && edge(part.bytes().last())
    };
    if text.len() <= MAX_PLACE && text.split('/').all(part) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is not a repository: lower-case letters, digits and `._-`, with `/` between"))
}

impl Variant {
    pub(super) const ALL: [Self; 2] = [Self::CloudFull, Self::OnpremFull];
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CloudFull => "cloudFull",
            Self::OnpremFull => "onpremFull",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_would_change_a_url_are_refused() {
        for text in ["", "a/b", "user@host", "host?x", "ho st", "https://host"] {
            assert!(read_registry(&text.to_owned()).is_err(), "{text}");
        }
        for text in ["", "/a", "a/", "A", "a//b", "../a", "a?b", "a b"] {
            assert!(repository(text).is_err(), "{text}");
        }
        assert!(read_registry(&"localhost:5000".to_owned()).is_ok());
        assert!(repository("edge-orch/common/files/orchestrator").is_ok());
    }
}
