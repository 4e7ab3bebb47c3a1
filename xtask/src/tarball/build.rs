//! A tarball, its manifest and its digest, made in one step each.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::{io, thread};

use anyhow::Context as _;
use git_seed::{Mode, ObjectId};
use serde::Serialize;
use tempfile::NamedTempFile;

use super::archive::Archive;
use super::folder::Folder;
use super::layout::{self, COMMIT_ID, VERSION};
use super::manifest::Manifest;
use super::name::ReleaseName;
use super::pointer;
use super::{gzip, sidecar};
use crate::context::Context;
use crate::failure::{Failure, help_of};
use crate::near::{counted, quoted};
use crate::release::{Rules, scan_file, still_wanted};

/// A file of a release, where it was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Path under the root of the checkout or folder.
    pub path: String,
    /// What it is.
    pub mode: Mode,
}

/// What a tarball is made of, `VERSION` and `COMMIT_ID` aside.
pub trait Tree {
    /// All files of the release, in the order of their paths.
    fn files(&self) -> &[Found];

    /// Gives each file to `visit`, in the same order, with its size in bytes
    /// and its content; of a symbolic link that is its target.
    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Found, u64, &mut dyn Read) -> anyhow::Result<()>,
    ) -> anyhow::Result<()>;
}

/// Which tarball to make, and where.
#[derive(Debug)]
pub struct Request<'a> {
    /// Its kind and version, which are its name.
    pub name: ReleaseName,
    /// What its file `VERSION` holds.
    pub version_file: String,
    /// The commit that it is made from: the line of its file `COMMIT_ID`.
    pub commit: String,
    /// The time of all its files, in seconds since 1970.
    pub date: u64,
    /// The folder for it and what lies beside it.
    pub output: &'a Path,
    /// What it may hold.
    pub rules: Rules,
}

/// What was made.
#[derive(Debug, Serialize)]
pub struct Built {
    /// What became of the file.
    pub outcome: Outcome,
    /// The tarball.
    pub file: PathBuf,
    /// Which kind it is.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The commit that it was made from.
    pub commit: String,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Bytes of the tarball.
    pub size: u64,
    /// How many files are in it.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// The tree that a commit of its files has.
    #[serde(serialize_with = "as_text")]
    pub tree: ObjectId,
    /// What may surprise.
    pub warnings: Vec<String>,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is new.
    Built,
    /// It was there, to the byte.
    Already,
    /// Another one of this name was there.
    Replaced,
}

/// Makes the tarball of `folder`, which need not be a checkout: one of `version`
/// made from `commit`, with all its times `date`, in seconds since 1970.
pub fn build_folder(cx: &Context, folder: &Path, request: &Request<'_>) -> anyhow::Result<Built> {
    build(cx, &mut Folder::open(folder)?, request)
}

/// Makes the tarball of `tree`, its manifest and its digest. It is read again
/// by the rules of `gitea seed` before it gets its name.
pub fn build(cx: &Context, tree: &mut dyn Tree, request: &Request<'_>) -> anyhow::Result<Built> {
    check(tree)?;
    let path = request.output.join(request.name.to_string());
    let (written, mut warnings) = write(cx, tree, request, file_in(request.output)?)
        .with_context(|| Failure::failed(format!("cannot make `{}`", path.display())))?;
    cx.reporter.detail("reading it again, as `gitea seed` would");
    let release = scan_file(cx, written.path(), &request.rules).map_err(|error| {
        let help = help_of(&error).unwrap_or("see the cause").to_owned();
        error.context(Failure::failed("what was made could not be seeded, so it was removed").help(help))
    })?;
    let size = written.as_file().metadata().context("cannot ask for the size of a file")?.len();
    let manifest = Manifest::new(&request.name, size, &release);
    let outcome = sidecar::publish(written, &path, &manifest)?;
    warnings.extend(release.warnings);
    Ok(Built {
        outcome,
        file: path,
        name: request.name.to_string(),
        version: request.name.version.clone(),
        commit: request.commit.clone(),
        sha256: release.digest,
        size,
        files: release.files.len(),
        bytes: release.bytes,
        tree: release.tree,
        warnings,
    })
}

/// Whether it has what a release must have.
pub fn check(tree: &dyn Tree) -> anyhow::Result<()> {
    let missing = layout::missing(tree.files().iter().map(|file| file.path.as_str()));
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("there are no files in {}, which a release has", quoted(missing));
    Err(Failure::failed(message).help("give a checkout of the orchestrator's repository: `--from`").into())
}

/// A file in the folder, which may have to be made; gone when it is dropped.
fn file_in(folder: &Path) -> anyhow::Result<NamedTempFile> {
    let made = fs::create_dir_all(folder)
        .and_then(|()| tempfile::Builder::new().prefix(".xtask-").tempfile_in(folder));
    made.with_context(|| {
        Failure::failed(format!("cannot write to the folder `{}`", folder.display()))
            .help("make it writable, or name another one")
    })
}

/// Fills the file with the tarball, and tells what is to be told of what is in it.
fn write(
    cx: &Context,
    tree: &mut dyn Tree,
    request: &Request<'_>,
    file: NamedTempFile,
) -> anyhow::Result<(NamedTempFile, Vec<String>)> {
    let output = BufWriter::new(file.as_file().try_clone()?);
    let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    cx.reporter.detail(&format!("packing {} with {threads} threads", counted(tree.files().len(), "file")));
    let mut warnings = Vec::new();
    let output: BufWriter<File> = gzip::compress(output, threads, |input| {
        let mut archive = Archive::new(input, request.date);
        let commit = format!("{}\n", request.commit);
        for (path, text) in [(COMMIT_ID, &commit), (VERSION, &request.version_file)] {
            archive.append(path, Mode::Plain, text.len() as u64, &mut text.as_bytes())?;
        }
        tree.read(&mut |found, size, content| {
            still_wanted(cx)?;
            pointer::watch(size, content, &mut |content| {
                archive.append(&found.path, found.mode, size, content)
            })
            .map(|is_pointer| warnings.extend(is_pointer.then(|| pointer::warning(&found.path))))
            .with_context(|| format!("cannot add `{}`", found.path))
        })?;
        archive.finish()?;
        Ok(())
    })?;
    output.into_inner().map_err(io::IntoInnerError::into_error)?.flush()?;
    Ok((file, warnings))
}

fn as_text<S: serde::Serializer>(id: &ObjectId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
