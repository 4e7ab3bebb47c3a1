//! Which kind of release a tarball is. Nothing in it says so.

use std::path::Path;

use super::manifest::Manifest;
use super::name::ReleaseName;
use super::sidecar::beside;
use super::verify::Verified;

/// What its name says, or the manifest beside it, where that is its own.
pub fn variant_of(release: &Verified) -> Option<String> {
    let named = ReleaseName::of(&release.file).map(|name| name.variant.to_string());
    named.or_else(|| manifest(&release.file).filter(|it| it.sha256 == release.sha256).map(|it| it.variant))
}

fn manifest(tarball: &Path) -> Option<Manifest> {
    let text = std::fs::read_to_string(beside(tarball, ".manifest.json")).ok()?;
    serde_json::from_str(&text).ok()
}
