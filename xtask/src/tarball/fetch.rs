//! A tarball from the Release Service, which is an OCI registry.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;

use super::choose::{choose, file_name};
use super::kept::{Found, Kept};
use super::name::ReleaseName;
use super::transfer::Transfer;
use crate::context::Context;
use crate::failure::Failure;
use crate::lock::Lock;
use crate::near::did_you_mean;
use crate::profile::Variant;
use crate::registry::{Access, Digest, Error, Layer, Reference, Registry, aside};
use crate::release::Rules;
use crate::report::Bytes;
use crate::state::make_private;

/// How long another call may take that fetches the same file.
const PATIENCE: Duration = Duration::from_hours(1);

/// Where releases of one variant are published.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    /// The registry.
    pub access: Access<'a>,
    /// The folder of repositories there, each with a variant.
    pub folder: &'a str,
    /// The variant.
    pub variant: Variant,
}

/// A tarball that was fetched, or was there.
#[derive(Debug, Serialize)]
pub struct Fetched {
    /// Whether it was there, so that nothing was fetched.
    pub already: bool,
    /// Where it is.
    pub file: PathBuf,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Bytes of the tarball.
    pub size: u64,
    /// How many of them came over the network.
    pub received: u64,
}

impl Published<'_> {
    /// The repository of the variant.
    pub fn repository(&self) -> String {
        format!("{}/{}", self.folder, self.variant.to_string().to_ascii_lowercase())
    }

    /// The tags there, as the registry has them.
    pub fn tags(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        let (registry, repository) = (Registry::new(cx, &self.access)?, self.repository());
        let what = format!("the list of `{repository}`");
        aside(cx, &what, move || registry.tags(&repository))
    }
}

/// Fetches the tarball that `reference` means: into the folder `output`, or
/// where it is kept for the next call. One that is larger than the rules let
/// its files be is refused.
///
/// A file that is there with the right digest stays as it is; of one whose
/// transfer was broken off the rest is fetched. If the registry cannot be
/// asked, the tarball serves that was fetched before. None under a dry run.
pub fn fetch(
    cx: &Context,
    from: &Published<'_>,
    reference: &Reference,
    output: Option<&Path>,
    rules: &Rules,
) -> anyhow::Result<Option<Fetched>> {
    let (registry, repository) = (Arc::new(Registry::new(cx, &from.access)?), from.repository());
    let wanted = match reference {
        Reference::Tag(tag) => Some(ReleaseName { variant: from.variant, version: tag.clone() }),
        Reference::Digest(_) => None,
    };
    let kept = Kept::of(cx, &registry, &repository, reference);
    let layer = match find(cx, &registry, &repository, reference, wanted.as_ref()) {
        Ok(layer) => layer,
        Err(Error::Unavailable(error)) => {
            let Some(found) = kept.find(output) else { return Err(error) };
            return again(cx, found, reference, output, rules, &error);
        }
        Err(Error::Other(error)) => return Err(error),
    };
    check_size(&layer, rules)?;
    let name = file_name(&layer, wanted.as_ref());
    let target = output.map_or_else(|| kept.folder(&layer.digest), Path::to_owned).join(&name);
    if cx.dry_run && !is_there(&target, &layer) {
        let (host, size) = (registry.host(), layer.size);
        let step = format!("fetch {size} bytes of `{host}/{repository}` to `{}`", cx.shown(&target));
        return cx.reporter.would(&step).map(|()| None);
    }
    let what = format!("the transfer of `{repository}`");
    let transfer = Transfer { registry, repository, layer: layer.clone(), target: target.clone() };
    let fetched = get(cx, &layer, &target, output, &what, move |bytes| transfer.run(bytes))?;
    // What was fetched is whole without it.
    if !cx.dry_run
        && let Err(error) = kept.remember(&layer.digest, &name)
    {
        cx.reporter.warn(&format!("{error:#}; so it cannot serve while the registry is away"));
    }
    Ok(Some(fetched))
}

/// What was `found` here, as `error` keeps us from asking the registry.
fn again(
    cx: &Context,
    found: Found,
    reference: &Reference,
    output: Option<&Path>,
    rules: &Rules,
    error: &anyhow::Error,
) -> anyhow::Result<Option<Fetched>> {
    let Found { layer, name, file } = &found;
    let doubt = match reference {
        Reference::Tag(_) => ": another may have been published since",
        Reference::Digest(_) => "",
    };
    let digest = &layer.digest;
    cx.reporter.warn(&format!("{error}; the tarball that was fetched before is used, {digest}{doubt}"));
    check_size(layer, rules)?;
    let target = output.map_or_else(|| file.clone(), |folder| folder.join(name));
    if cx.dry_run && target != *file {
        let step = format!("copy `{}` to `{}`", cx.shown(file), cx.shown(&target));
        return cx.reporter.would(&step).map(|()| None);
    }
    let (layer, to) = (layer.clone(), target.clone());
    get(cx, &layer, &target, output, "the copy of the tarball", move |bytes| found.copy(&to, bytes)).map(Some)
}

fn check_size(layer: &Layer, rules: &Rules) -> anyhow::Result<()> {
    let most = rules.limits.total;
    if layer.size <= most {
        return Ok(());
    }
    let message =
        format!("the tarball has {} bytes, more than the {most} that a release may hold", layer.size);
    Err(Failure::failed(message).help(rules.raise("total")).into())
}

/// The file `target`, which may be there, or else is made by `work`; its folder
/// is made, one of the user's own if it is not an `output`. `what` is said to
/// have been waited for.
fn get(
    cx: &Context,
    layer: &Layer,
    target: &Path,
    output: Option<&Path>,
    what: &str,
    work: impl FnOnce(&Bytes) -> anyhow::Result<Fetched> + Send + 'static,
) -> anyhow::Result<Fetched> {
    if is_there(target, layer) {
        return Ok(layer.fetched(target, 0, true));
    }
    match (output, target.parent()) {
        (None, Some(folder)) => {
            make_private(folder, "run as the user who made it, or remove it as that user")?;
        }
        (Some(folder), _) => fs::create_dir_all(folder).with_context(|| {
            Failure::failed(format!("cannot make `{}`", folder.display())).help("name another folder")
        })?,
        (None, None) => {}
    }
    let _lock = lock(cx, target)?;
    if is_there(target, layer) {
        return Ok(layer.fetched(target, 0, true));
    }
    let bytes = cx.reporter.bytes();
    aside(cx, what, move || work(&bytes))
}

/// The tarball's place in the registry.
fn find(
    cx: &Context,
    registry: &Arc<Registry>,
    repository: &str,
    reference: &Reference,
    wanted: Option<&ReleaseName>,
) -> Result<Layer, Error> {
    let host = registry.host().to_owned();
    let what = format!("`{host}/{repository}`, `{reference}`");
    let (asked, repository, reference) = (Arc::clone(registry), repository.to_owned(), reference.clone());
    let layers = aside(cx, &what, move || {
        let found = asked.layers(&repository, &reference);
        Ok(found.and_then(|found| found.ok_or_else(|| absent(&asked, &repository, &reference).into())))
    })??;
    Ok(choose(&what, &layers, wanted)?)
}

/// Whether it is the tag that is missing, or all of the repository.
fn absent(registry: &Registry, repository: &str, reference: &Reference) -> anyhow::Error {
    let host = registry.host();
    let tags = match registry.tags(repository) {
        Ok(tags) => tags,
        Err(error) => return error,
    };
    let name = reference.to_string();
    let near = did_you_mean(&name, tags.iter().map(String::as_str));
    Failure::missing(format!("`{host}/{repository}` has no `{name}`{near}"))
        .help("`cargo xtask tarball list` shows what is published")
        .into()
}

fn is_there(target: &Path, layer: &Layer) -> bool {
    Digest::of_file(target).is_ok_and(|found| found == layer.digest)
}

/// Only one call at a time writes there.
fn lock(cx: &Context, target: &Path) -> anyhow::Result<Lock> {
    let mut path = target.as_os_str().to_owned();
    path.push(".lock");
    let lock = Lock::acquire(Path::new(&path), cx.deadline.or(PATIENCE), &cx.interrupt, |holder| {
        cx.reporter.note(&format!("process {holder} is fetching it: waiting"));
    })?;
    lock.sign()?;
    Ok(lock)
}
