//! What the Release Service said of a release when it was asked last.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::fetch::Fetched;
use crate::context::Context;
use crate::registry::{Digest, Reference, Registry};
use crate::release::still_wanted;
use crate::replace::replace_private;

/// Where tarballs are kept, each in a folder by its digest; and which of them
/// a reference meant, in a file by the reference.
pub struct Kept {
    root: PathBuf,
    record: PathBuf,
}

impl Kept {
    /// Those of this workspace, for what `reference` means in `repository`.
    pub fn of(cx: &Context, registry: &Registry, repository: &str, reference: &Reference) -> Self {
        let root = cx.state_root().join("tarballs");
        // None of the parts can lead elsewhere: the host is one, and the others
        // are what the specification of registries allows.
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
            fs::create_dir_all(folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
        }
        replace_private(&self.record, format!("{digest} {name}\n").as_bytes())
    }

    /// The tarball that it was when the registry was asked last, in `output` or
    /// where it is kept, if it still has its digest. `error`, which there is
    /// instead of the registry's answer, is returned otherwise.
    pub fn instead(
        &self,
        cx: &Context,
        registry: &Registry,
        output: Option<&Path>,
        error: anyhow::Error,
    ) -> anyhow::Result<Fetched> {
        let found = if registry.is_away() && still_wanted(cx).is_ok() { self.find(output) } else { None };
        let Some((fetched, digest)) = found else { return Err(error) };
        cx.reporter.warn(&format!(
            "{error}; the tarball that was fetched before is used, {digest}: another may have been published since"
        ));
        Ok(fetched)
    }

    fn find(&self, output: Option<&Path>) -> Option<(Fetched, Digest)> {
        let record = fs::read_to_string(&self.record).ok()?;
        let (digest, name) = record.trim_end().split_once(' ')?;
        let digest = Digest::parse(digest).ok()?;
        let file = output.map_or_else(|| self.folder(&digest), Path::to_owned).join(name);
        if Digest::of_file(&file).ok()? != digest {
            return None;
        }
        let size = file.metadata().ok()?.len();
        Some((Fetched { already: true, file, sha256: digest.hex().to_owned(), size, received: 0 }, digest))
    }
}
