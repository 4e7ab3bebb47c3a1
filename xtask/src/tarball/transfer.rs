//! A tarball on its way from the Release Service.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fetch::Fetched;
use super::partial::Partial;
use crate::failure::Failure;
use crate::registry::{Layer, Registry};
use crate::report::Bytes;

/// What is to be fetched, and where to.
pub struct Transfer {
    /// Where from.
    pub registry: Arc<Registry>,
    /// The repository there.
    pub repository: String,
    /// The content.
    pub layer: Layer,
    /// The file that it becomes.
    pub target: PathBuf,
}

impl Transfer {
    /// Fetches what is not there yet, and tells how far it is.
    pub fn run(self, bytes: &Bytes) -> anyhow::Result<Fetched> {
        let Self { registry, repository, layer, target } = &self;
        let mut received = 0;
        loop {
            let mut partial = Partial::open(target, layer.size)?;
            let resumed = partial.have;
            if !partial.is_complete() {
                let mut blob = registry.blob(repository, &layer.digest, layer.size, resumed)?;
                let told = |done| bytes.at("fetching", done, Some(layer.size));
                partial.add(blob.from, &mut blob.reader, &told)?;
                received += layer.size - blob.from;
            }
            match partial.finish(&layer.digest)? {
                Ok(()) => return Ok(layer.fetched(target, received, false)),
                // What was there from before may have been damaged.
                Err(_) if resumed > 0 => {}
                Err(found) => {
                    let message = format!(
                        "what was fetched has the digest {found}, not {}, so it was removed",
                        layer.digest
                    );
                    return Err(Failure::failed(message)
                        .help("run it again; if it stays so, check the registry")
                        .into());
                }
            }
        }
    }
}

impl Layer {
    /// What became of it.
    pub fn fetched(&self, file: &Path, received: u64, already: bool) -> Fetched {
        let sha256 = self.digest.hex().to_owned();
        Fetched { already, file: file.to_owned(), sha256, size: self.size, received }
    }
}
