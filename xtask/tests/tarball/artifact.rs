//! An artifact as ORAS makes them, and a registry that has it.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::fake::{Answer, Fake, Request};
use crate::repository::NAME;
use crate::support::{Call, Checkout};

pub const VERSION: &str = "3.1.0";
pub const REPOSITORY: &str = "edge-orch/common/files/orchestrator/cloudfull";
pub const BLOBS: &str = "/v2/edge-orch/common/files/orchestrator/cloudfull/blobs/";
pub const MANIFESTS: &str = "/v2/edge-orch/common/files/orchestrator/cloudfull/manifests/";

/// A tarball with its manifest. What is in it matters to nobody here.
#[derive(Clone)]
pub struct Artifact {
    pub content: Vec<u8>,
    pub manifest: Vec<u8>,
}

pub fn digest(content: &[u8]) -> String {
    let digits =
        Sha256::digest(content).iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
    format!("sha256:{digits}")
}

impl Artifact {
    pub fn new() -> Self {
        let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let manifest = manifest(&[(NAME, &content)]).to_string().into_bytes();
        Self { content, manifest }
    }

    /// What a registry that has it answers.
    pub fn answer(&self, request: &Request) -> Answer {
        let blob = format!("{BLOBS}{}", digest(&self.content));
        let by_digest = format!("{MANIFESTS}{}", digest(&self.manifest));
        match request.path.as_str() {
            path if path == blob => Answer::part(request, &self.content),
            path if path == by_digest || path == format!("{MANIFESTS}{VERSION}") => {
                Answer::ok(self.manifest.clone())
                    .header("content-type", "application/vnd.oci.image.manifest.v1+json")
                    .header("docker-content-digest", digest(&self.manifest))
            }
            path if path.starts_with(&format!("/v2/{REPOSITORY}/tags/list")) => {
                Answer::ok(json!({ "name": REPOSITORY, "tags": [VERSION, "3.0.9"] }).to_string())
            }
            _ => unknown("MANIFEST_UNKNOWN"),
        }
    }
}

/// A manifest with these files.
pub fn manifest(files: &[(&str, &[u8])]) -> Value {
    let layers: Vec<_> = files
        .iter()
        .map(|(title, content)| {
            json!({
                "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
                "digest": digest(content), "size": content.len(),
                "annotations": { "org.opencontainers.image.title": title },
            })
        })
        .collect();
    json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.unknown.artifact.v1",
        "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": digest(b"{}"), "size": 2 },
        "layers": layers,
    })
}

/// As the specification has errors.
pub fn unknown(code: &str) -> Answer {
    Answer::status(404).body(json!({ "errors": [{ "code": code, "message": "it is unknown" }] }).to_string())
}

/// A registry, and a checkout to pull to.
pub struct Bed {
    pub checkout: Checkout,
    pub registry: Fake,
}

impl Bed {
    pub fn new(answer: impl Fn(&Request) -> Answer + Send + 'static) -> Self {
        Self { checkout: Checkout::new(), registry: Fake::new(answer) }
    }

    /// `tarball VERB`, from the registry.
    pub fn call(&self, words: &str) -> Call {
        let words = format!("tarball {words} --registry {} --registry-plain-http", self.registry.address);
        self.checkout.xtask(words.split_whitespace())
    }

    /// `tarball pull` of the version into `out`.
    pub fn pull(&self) -> Call {
        self.call(&format!("pull --version {VERSION} --output out"))
    }

    pub fn out(&self, name: &str) -> PathBuf {
        self.checkout.root().join("out").join(name)
    }

    /// What lies in `out`.
    pub fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.out("")).into_iter().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
