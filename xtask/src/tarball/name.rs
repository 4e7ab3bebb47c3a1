//! How a release tarball is called.

use std::fmt;
use std::path::Path;

use clap::ValueEnum as _;

use super::layout::TOP;
use crate::profile::Variant;

/// Longest version, in bytes: as long as a tag of a registry may be.
const MAX_VERSION: usize = 128;

/// What ends the name.
pub const SUFFIX: &str = ".tgz";

/// The name of a release tarball: `{variant}_edge-manageability-framework_{version}.tgz`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseName {
    /// Which kind it is.
    pub variant: Variant,
    /// Its version.
    pub version: String,
}

impl ReleaseName {
    /// The name that a file has, if it is one of a release.
    pub fn of(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_str()?.strip_suffix(SUFFIX)?;
        Variant::value_variants().iter().find_map(|&variant| {
            let version = name.strip_prefix(&format!("{variant}_{TOP}_"))?;
            is_version(version).then(|| Self { variant, version: version.to_owned() })
        })
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{TOP}_{}{SUFFIX}", self.variant, self.version)
    }
}

/// Whether it can be a part of a file's name anywhere, as versions are.
pub fn is_version(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
    text.len() <= MAX_VERSION
        && text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && text.bytes().all(allowed)
}

/// Reads a version that can be a tag of a registry: one without a `+`.
pub fn read_tag(text: &str) -> Result<String, String> {
    if is_version(text) && !text.contains('+') {
        Ok(text.to_owned())
    } else {
        Err("no tag can be so".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back() {
        for (variant, version) in [(Variant::CloudFull, "3.1.0"), (Variant::OnpremFull, "3.2.0-dev-1_x+y")] {
            let name = ReleaseName { variant, version: version.to_owned() };
            assert_eq!(ReleaseName::of(Path::new(&format!("/a/{name}"))), Some(name));
        }
        for name in [
            "cloudFull_edge-manageability-framework_.tgz",
            "cloudFull_edge-manageability-framework_1.tar.gz",
            "other_edge-manageability-framework_1.tgz",
            "release.tgz",
        ] {
            assert_eq!(ReleaseName::of(Path::new(name)), None, "{name}");
        }
    }

    #[test]
    fn versions_that_would_lead_elsewhere_are_refused() {
        for text in ["", ".", "..", "../1", "a/b", "-1", "1 2", "1\n", "ä", &"1".repeat(129)] {
            assert!(!is_version(text), "{text}");
        }
    }
}
