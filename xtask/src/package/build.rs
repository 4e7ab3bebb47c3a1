//! The package, made.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use serde::Serialize;

use super::control::{self, Facts};
use super::tree::Tree;
use super::version::debian_version;
use super::{NAME, PROFILE, place, program};
use crate::context::Context;
use crate::failure::Failure;
use crate::part::{DPKG_DEB, STRIP};
use crate::process::Program;
use crate::registry::Digest;
use crate::tarball::Verified;

/// Mode of a package: everybody may read it.
const PUBLIC_FILE: u32 = 0o644;

/// How `dpkg-deb` compresses: six times faster than by itself, and a fifth
/// larger. The release is compressed as it is.
const COMPRESSION: [&str; 2] = ["-Zxz", "-z1"];

/// What is to be made.
#[derive(Debug)]
pub struct Request<'a> {
    /// The tarball, which is a release.
    pub release: &'a Verified,
    /// The folder that the package is put into.
    pub output: &'a Path,
}

/// A package that is there.
#[derive(Debug, Serialize)]
pub struct Made {
    /// Where it is.
    pub file: PathBuf,
    /// Whether it was made just now.
    pub outcome: Outcome,
    /// Its name.
    pub package: &'static str,
    /// Its version, as Debian has it.
    pub version: String,
    /// Its architecture, as Debian calls it.
    pub architecture: &'static str,
    /// The version of the release in it.
    pub release: String,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Its bytes.
    pub size: u64,
}

/// What became of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was made.
    Made,
    /// It was there, to the byte.
    Already,
    /// It was made in the place of another one.
    Replaced,
}

/// Makes the package; under `--dry-run` only says which. What is half done has
/// another name.
pub fn build(cx: &Context, request: &Request<'_>) -> anyhow::Result<Option<Made>> {
    let (dpkg_deb, strip) = (program::find(cx, &DPKG_DEB)?, program::find(cx, &STRIP)?);
    let facts = facts(request.release)?;
    let profile = profile(cx)?;
    let file = request.output.join(format!("{NAME}_{}_{}.deb", facts.version, facts.architecture));
    if cx.dry_run {
        cx.reporter.would(&format!("write `{}` with release {}", file.display(), facts.release))?;
        return Ok(None);
    }
    fs::create_dir_all(request.output).with_context(|| cannot_write(request.output))?;
    // Beside the package, so that this gets its name by renaming.
    let scratch = tempfile::Builder::new().prefix(".xtask-").tempdir_in(request.output);
    let scratch = scratch.with_context(|| cannot_write(request.output))?;
    let mut tree = Tree::new(scratch.path().join("tree"))?;
    let date = date(request.release);
    fill(cx, &mut tree, request.release, (&strip, &profile))?;
    let depends = program::depends(cx, &tree.root().join(place::PROGRAM))?;
    control::write_documents(&mut tree, &facts, date)?;
    let sums = sums(cx, &tree)?;
    control::write_control(&mut tree, &facts, &depends, &sums)?;
    tree.seal(date)?;
    let package = scratch.path().join("package.deb");
    let epoch = date.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
    let pack = Program::new(dpkg_deb).args(["--root-owner-group"]).args(COMPRESSION).args(["--build"]);
    let pack = pack.args([tree.root(), &package]).variable("SOURCE_DATE_EPOCH", epoch);
    cx.reporter.note(&format!("packing release {} and this program", facts.release));
    program::read(cx, &pack)?;
    publish(&package, file, facts).map(Some)
}

fn facts(release: &Verified) -> anyhow::Result<Facts> {
    let version = debian_version(&release.version).map_err(|why| {
        Failure::failed(format!("release `{}` cannot be a package: {why}", release.version))
            .help("give the release a version such as `2026.1.0`")
    })?;
    Ok(Facts {
        version,
        architecture: program::architecture()?,
        release: release.version.clone(),
        sha256: release.sha256.clone(),
    })
}

/// The profile as it lies there, with its comments.
fn profile(cx: &Context) -> anyhow::Result<Vec<u8>> {
    let path = cx.root().join("profiles").join(format!("{PROFILE}.toml"));
    fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// The release's date. Packages know no dates before 1970, and 32 bits of them
/// are enough for all that follows.
fn date(release: &Verified) -> SystemTime {
    let seconds = u32::try_from(release.date.max(0)).unwrap_or(u32::MAX);
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.into())
}

/// Puts the program, its profile and the tarball there.
fn fill(
    cx: &Context,
    tree: &mut Tree,
    release: &Verified,
    (strip, profile): (&Path, &[u8]),
) -> anyhow::Result<()> {
    program::copy(cx, strip, &tree.place(place::PROGRAM, 0o755)?)?;
    tree.write(place::PROFILE, PUBLIC_FILE, profile)?;
    let copy = tree.place(place::TARBALL, PUBLIC_FILE)?;
    let cannot = || format!("cannot copy `{}`", release.file.display());
    fs::copy(&release.file, &copy).with_context(cannot)?;
    if Digest::of_file(&copy).with_context(cannot)?.hex() == release.sha256 {
        return Ok(());
    }
    let message = format!("`{}` was changed while it was read", release.file.display());
    Err(Failure::failed(message).help("run it again").into())
}

/// What `md5sum` says of the files that `dpkg` does not look after itself.
fn sums(cx: &Context, tree: &Tree) -> anyhow::Result<String> {
    let files = tree.paths().into_iter().filter(|path| *path != place::PROFILE);
    program::read(cx, &Program::new("md5sum").args(["--"]).args(files).dir(tree.root()))
}

fn publish(package: &Path, file: PathBuf, facts: Facts) -> anyhow::Result<Made> {
    let cannot = || cannot_write(&file);
    let digest = Digest::of_file(package).with_context(cannot)?;
    let outcome = match Digest::of_file(&file) {
        Ok(before) if before == digest => Outcome::Already,
        Ok(_) => Outcome::Replaced,
        Err(_) => Outcome::Made,
    };
    let size = fs::metadata(package).with_context(cannot)?.len();
    if outcome != Outcome::Already {
        fs::set_permissions(package, Permissions::from_mode(PUBLIC_FILE)).with_context(cannot)?;
        fs::File::open(package).and_then(|file| file.sync_all()).with_context(cannot)?;
        fs::rename(package, &file).with_context(cannot)?;
    }
    let Facts { version, architecture, release, .. } = facts;
    let sha256 = digest.hex().to_owned();
    Ok(Made { file, outcome, package: NAME, version, architecture, release, sha256, size })
}

fn cannot_write(path: &Path) -> Failure {
    Failure::missing(format!("cannot write `{}`", path.display()))
        .help("see that its folder is there and writable, and its disk is not full")
}
