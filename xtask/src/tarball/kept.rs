//! What the Release Service said of a release when it was asked last.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::fetch::Fetched;
use super::partial::Partial;
use crate::context::Context;
use crate::failure::Failure;
use crate::registry::{Digest, Layer, Reference, Registry};
use crate::replace::replace_private;
use crate::report::Bytes;
use crate::state::make_private;

/// Where tarballs are kept, each in a folder by its digest; and which of them
/// a reference meant, in a file by the reference.
pub struct Kept {
    root: PathBuf,
    record: PathBuf,
}

/// A tarball that a reference meant.
pub struct Found {
    /// Its digest and size.
    pub layer: Layer,
    /// What it is called here.
    pub name: String,
    /// Where it lies, whole.
    pub file: PathBuf,
}

impl Kept {
    /// Those of this workspace, for what `reference` means in `repository`.
    pub fn of(cx: &Context, registry: &Registry, repository: &str, reference: &Reference) -> Self {
        let root = cx.state_root().join("tarballs");
        // None of the parts can lead elsewhere: the host has no empty labels,
        // and the others are what the specification of registries allows.
        let record = root.join("references").join(registry.host()).join(format!("{repository}:{reference}"));
        Self { root, record }
    }

    /// The folder of the tarball with this digest.
    pub fn folder(&self, digest: &Digest) -> PathBuf {
        self.root.join(digest.hex())
    }

    /// Keeps in mind which tarball it is.
    pub fn remember(&self, digest: &Digest, name: &str) -> anyhow::Result<()> {
        if let Some(folder) = self.record.parent() {
            make_private(folder, "run as the user who made it, or remove it as that user")?;
        }
        replace_private(&self.record, format!("{digest} {name}\n").as_bytes())
    }

    /// The tarball that it was when the registry was asked last, in `output` or
    /// where it is kept, if it still has its digest.
    pub fn find(&self, output: Option<&Path>) -> Option<Found> {
        let record = fs::read_to_string(&self.record).ok()?;
        let (digest, name) = record.trim_end().split_once(' ')?;
        let digest = Digest::parse(digest).ok()?;
        let folders = output.map(Path::to_owned).into_iter().chain([self.folder(&digest)]);
        let has_it = |file: &PathBuf| Digest::of_file(file).is_ok_and(|found| found == digest);
        let file = folders.map(|folder| folder.join(name)).find(has_it)?;
        let size = file.metadata().ok()?.len();
        Some(Found { name: name.to_owned(), file, layer: Layer { digest, size, title: None } })
    }
}

impl Found {
    /// Makes `target` of it, and tells how far it is.
    pub fn copy(&self, target: &Path, bytes: &Bytes) -> anyhow::Result<Fetched> {
        let Self { layer, file, .. } = self;
        let from = file.display();
        let mut content = File::open(file).with_context(|| format!("cannot read `{from}`"))?;
        let mut partial = Partial::open(target, layer.size)?;
        partial.add(0, &mut content, &|done| bytes.at("copying", done, Some(layer.size)))?;
        match partial.finish(&layer.digest)? {
            Ok(()) => Ok(layer.fetched(target, 0, true)),
            Err(_) => Err(Failure::failed(format!("`{from}` was changed while it was copied"))
                .help("run it again")
                .into()),
        }
    }
}
