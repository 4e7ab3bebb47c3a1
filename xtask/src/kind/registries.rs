//! Where the nodes' containerd has images from: a folder `certs.d`.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::folder::{CERTS, MOUNT, Wanted};
use crate::context::Context;
use crate::failure::Failure;
use crate::profile::KindProfile;
use crate::profile::kind::{Mirror, expand};
use crate::sandbox::{file::File, pem};

/// The name that Docker Hub goes by.
const DOCKER_HUB: &str = "docker.io";
/// Where its images are.
const DOCKER_HUB_HOST: &str = "registry-1.docker.io";

/// The files of all mirrors. Authorities come before what names them.
pub(super) fn files(cx: &Context, profile: &KindProfile) -> anyhow::Result<Vec<Wanted>> {
    let mut files = Vec::new();
    for mirror in &profile.mirrors {
        let folder = Path::new(CERTS).join(&mirror.registry);
        let file = |name: &str, content: Vec<u8>| Wanted {
            path: folder.join(name),
            content: content.into(),
            secret: false,
            what: format!("the mirrors of `{}`", mirror.registry),
        };
        if let Some(ca) = &mirror.ca {
            let ca = expand(ca, cx.root(), cx.environment.home.as_deref());
            files.push(file("ca.crt", authority(&ca)?));
        }
        files.push(file("hosts.toml", hosts(mirror).into_bytes()));
    }
    Ok(files)
}

/// What is no registry's any more.
pub(super) struct Unwanted {
    path: PathBuf,
    /// For people.
    pub(super) what: String,
}

/// Looks for what is no registry's any more.
pub(super) fn unwanted(certs: &Path, profile: &KindProfile) -> anyhow::Result<Vec<Unwanted>> {
    let entries = match fs::read_dir(certs) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| cannot(certs))?,
    };
    let mut unwanted = Vec::new();
    for entry in entries {
        let path: PathBuf = entry.with_context(|| cannot(certs))?.path();
        let name = path.file_name().unwrap_or_default();
        let what = format!("the mirrors of `{}`", name.display());
        match profile.mirrors.iter().find(|mirror| name == mirror.registry.as_str()) {
            None => unwanted.push(Unwanted { path, what }),
            // It may have had an authority.
            Some(mirror) if mirror.ca.is_none() && path.join("ca.crt").exists() => {
                unwanted.push(Unwanted { path: path.join("ca.crt"), what });
            }
            Some(_) => {}
        }
    }
    Ok(unwanted)
}

/// Removes what is no registry's any more, and says so.
pub(super) fn sweep(certs: &Path, profile: &KindProfile) -> anyhow::Result<Vec<String>> {
    let mut gone = Vec::new();
    for Unwanted { path, what } in unwanted(certs, profile)? {
        let removed = if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.with_context(|| cannot(&path))?;
        gone.push(what);
    }
    Ok(gone)
}

fn cannot(path: &Path) -> Failure {
    Failure::missing(format!("cannot tidy up `{}`", path.display()))
        .help("see that it is this user's, or remove it by hand")
}

/// containerd's `hosts.toml`: the mirrors in order, and the registry itself at the end.
///
/// See `docs/hosts.md` of containerd. What is written in here was checked as
/// the profile was read: letters, digits, and `.-:[]/`.
fn hosts(mirror: &Mirror) -> String {
    let server = if mirror.registry == DOCKER_HUB { DOCKER_HUB_HOST } else { &mirror.registry };
    let mut text = format!("server = \"https://{server}\"\n");
    for endpoint in &mirror.endpoints {
        let _ = write!(text, "\n[host.\"{endpoint}\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
        if mirror.ca.is_some() {
            let _ = writeln!(text, "  ca = \"{MOUNT}/{CERTS}/{}/ca.crt\"", mirror.registry);
        }
    }
    text
}

/// The file's text, if it is made of certificates.
fn authority(path: &Path) -> Result<Vec<u8>, Failure> {
    let unusable = |message: String| {
        Failure::missing(message)
            .help("name the PEM file of the authority that signed the mirror's certificate")
    };
    let file = File::read("kind.mirror.ca", path).map_err(unusable)?;
    pem::certificates(&file).map_err(unusable)?;
    if file.content().windows(12).any(|text| text == b"PRIVATE KEY-") {
        return Err(unusable(file.say("holds a private key, too, which no node may have")));
    }
    Ok(file.content().to_vec())
}
