//! What a registry says of an artifact.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::digest::Digest;

/// The key of a layer's file name.
const TITLE: &str = "org.opencontainers.image.title";

/// The media types that are understood, for the header `Accept`.
pub const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.docker.distribution.manifest.list.v2+json";

/// What an artifact is asked for by.
#[derive(Clone, Debug)]
pub enum Reference {
    /// Its tag.
    Tag(String),
    /// The digest of its manifest, or of its index.
    Digest(Digest),
}

/// A file of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The digest of its content.
    pub digest: Digest,
    /// Bytes of its content.
    pub size: u64,
    /// What it is called, if it is; no path that could be trusted.
    pub title: Option<String>,
}

/// What a manifest is.
#[derive(Debug, PartialEq, Eq)]
pub enum Manifest {
    /// One of files.
    Image(Vec<Layer>),
    /// One of other manifests.
    Index(Vec<Digest>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: Option<u32>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    size: u64,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

impl Manifest {
    /// Reads a manifest; says why not, to go on after `is`.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(text).map_err(|error| format!("no manifest: {error}"))?;
        if document.schema_version != Some(2) {
            return Err("a manifest of a schema other than 2".to_owned());
        }
        match document {
            Document { layers: Some(layers), manifests: None, .. } => {
                layers.into_iter().map(Layer::of).collect::<Result<_, _>>().map(Self::Image)
            }
            Document { layers: None, manifests: Some(manifests), .. } => {
                let digests = manifests.iter().map(|manifest| digest_of(&manifest.digest));
                digests.collect::<Result<_, _>>().map(Self::Index)
            }
            _ => Err("neither a manifest with layers nor an index".to_owned()),
        }
    }
}

impl Layer {
    fn of(descriptor: Descriptor) -> Result<Self, String> {
        let title = descriptor.annotations.and_then(|mut annotations| annotations.remove(TITLE));
        Ok(Self { digest: digest_of(&descriptor.digest)?, size: descriptor.size, title })
    }
}

fn digest_of(text: &str) -> Result<Digest, String> {
    // Here the algorithm must be named: there are others of that length.
    let named = text.strip_prefix("sha256:").ok_or("one with a digest that is not SHA-256")?;
    Digest::parse(named).map_err(|_| "one with a damaged digest".to_owned())
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn parse(text: &str) -> Result<Manifest, String> {
        Manifest::parse(text.replace("DIGEST", DIGEST).as_bytes())
    }

    #[test]
    fn files_have_titles_or_none() {
        let parsed = parse(
            r#"{"schemaVersion": 2, "layers": [
                {"digest": "DIGEST", "size": 7, "annotations": {"org.opencontainers.image.title": "a.tgz"}},
                {"digest": "DIGEST", "size": 8, "annotations": null}
            ]}"#,
        );
        let layer = |size, title: Option<&str>| Layer {
            digest: Digest::parse(DIGEST).unwrap(),
            size,
            title: title.map(str::to_owned),
        };
        assert_eq!(parsed, Ok(Manifest::Image(vec![layer(7, Some("a.tgz")), layer(8, None)])));
    }

    #[test]
    fn an_index_leads_to_manifests() {
        let parsed = parse(r#"{"schemaVersion": 2, "manifests": [{"digest": "DIGEST", "size": 7}]}"#);
        assert_eq!(parsed, Ok(Manifest::Index(vec![Digest::parse(DIGEST).unwrap()])));
    }

    #[test]
    fn what_is_no_manifest_is_told() {
        for (text, why) in [
            ("<html>", "no manifest: "),
            (r#"{"schemaVersion": 1, "layers": []}"#, "a manifest of a schema"),
            (r#"{"schemaVersion": 2}"#, "neither"),
            (r#"{"schemaVersion": 2, "layers": [{"digest": "sha512:aa", "size": 7}]}"#, "one with a digest"),
            (r#"{"schemaVersion": 2, "layers": [{"digest": "sha256:aa", "size": 7}]}"#, "one with a damaged"),
            (r#"{"schemaVersion": 2, "layers": [{"digest": "DIGEST", "size": -1}]}"#, "no manifest: "),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(why), "{text}: {error}");
        }
    }
}
