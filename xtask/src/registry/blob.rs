//! Manifests and contents.

use std::io::Read;

use anyhow::Context as _;
use ureq::http::header::{CONTENT_RANGE, RANGE};
use ureq::http::{HeaderMap, StatusCode};

use super::answer;
use super::client::Registry;
use super::digest::Digest;
use super::error::Error;
use super::manifest::{ACCEPTED, Layer, Manifest, Reference};
use crate::failure::Failure;

/// Largest manifest, in bytes; what the distribution specification asks a
/// registry to take at least.
const MAX_MANIFEST: u64 = 4 << 20;
/// Most manifests of an index that are looked at.
const MAX_INDEX: usize = 16;
/// The header with the digest of a manifest.
const CONTENT_DIGEST: &str = "docker-content-digest";

/// A content on its way.
pub struct Blob {
    /// Where it begins, in bytes: what was asked for, or 0 if the registry
    /// gives all or nothing.
    pub from: u64,
    /// The content from there on.
    pub reader: Box<dyn Read + Send>,
}

impl Registry {
    /// The files of the artifact that `reference` means in `repository`, or of
    /// all those of an index. None if there is no such manifest.
    pub fn layers(&self, repository: &str, reference: &Reference) -> Result<Option<Vec<Layer>>, Error> {
        let digests = match self.manifest(repository, reference)? {
            None => return Ok(None),
            Some(Manifest::Image(layers)) => return Ok(Some(layers)),
            Some(Manifest::Index(digests)) => digests,
        };
        let mut all = Vec::new();
        for digest in digests.into_iter().take(MAX_INDEX) {
            // An index of indexes is for nothing that is published here.
            if let Some(Manifest::Image(layers)) = self.manifest(repository, &Reference::Digest(digest))? {
                all.extend(layers);
            }
        }
        Ok(Some(all))
    }

    fn manifest(&self, repository: &str, reference: &Reference) -> Result<Option<Manifest>, Error> {
        let what = format!("`{repository}`, `{reference}`");
        let path = format!("/v2/{repository}/manifests/{reference}");
        let response = self.get(repository, &path, &[("accept", ACCEPTED)])?;
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let told = response.headers().get(CONTENT_DIGEST).and_then(|digest| digest.to_str().ok());
        let told = told.and_then(|digest| Digest::parse(digest).ok());
        let text = self.read(&what, response, MAX_MANIFEST)?;
        let digest = Digest::of(&text);
        let wanted = match reference {
            Reference::Digest(wanted) => Some(wanted.clone()),
            Reference::Tag(_) => told,
        };
        if let Some(wanted) = wanted.filter(|wanted| *wanted != digest) {
            let message = format!("the manifest of {what} has the digest {digest}, not {wanted}");
            return Err(Failure::failed(message).help("run it again: it was changed on its way").into());
        }
        let manifest = Manifest::parse(&text).map_err(|why| {
            Failure::failed(format!("{what} is {why}"))
                .help("check that it is a release, and not another artifact")
        })?;
        Ok(Some(manifest))
    }

    /// The content `digest` of `size` bytes, from byte `from` on if the
    /// registry can give a part.
    pub fn blob(&self, repository: &str, digest: &Digest, size: u64, from: u64) -> anyhow::Result<Blob> {
        let path = format!("/v2/{repository}/blobs/{digest}");
        let range = format!("bytes={from}-");
        let headers: &[(&str, &str)] = if from > 0 { &[(RANGE.as_str(), range.as_str())] } else { &[] };
        let mut response = self.get(repository, &path, headers)?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE && from > 0 {
            return self.blob(repository, digest, size, 0);
        }
        let begins = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT => range_of(response.headers(), size).with_context(|| {
                Failure::failed(format!("`{}` gives another part than was asked for", self.host()))
                    .help("run it again")
            })?,
            _ => {
                let what = format!("the content `{digest}` of `{repository}`");
                return Err(answer::failure(self.host(), &what, &mut response).into());
            }
        };
        if begins != 0 && begins != from {
            anyhow::bail!("`{}` gives the content from byte {begins}, not {from}", self.host());
        }
        let reader = response.into_body().into_with_config().limit(u64::MAX).reader();
        Ok(Blob { from: begins, reader: Box::new(reader) })
    }
}

/// Where a part begins that goes to the end of `size` bytes.
fn range_of(headers: &HeaderMap, size: u64) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (part, whole) = range.split_once('/')?;
    let (begin, end) = part.split_once('-')?;
    let (begin, end): (u64, u64) = (begin.trim().parse().ok()?, end.trim().parse().ok()?);
    let is_whole = whole == "*" || whole.parse() == Ok(size);
    (is_whole && end.checked_add(1) == Some(size)).then_some(begin)
}
