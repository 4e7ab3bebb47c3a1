//! Releases, and packages of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use flate2::{Compression, GzBuilder};

use crate::support::Checkout;

/// When the releases were made, in seconds since 1970.
pub const DATE: u64 = 1_767_225_600;
const TOP: &str = "edge-manageability-framework";
const FOLDERS: [&str; 6] = [
    "argocd",
    "bootstrap",
    "orch-configs/clusters",
    "orch-configs/profiles",
    "orch-configs/templates",
    "tools",
];

/// A package that was made, in the checkout that it was made in.
pub struct Package {
    pub checkout: Checkout,
    pub file: PathBuf,
}

/// The tarball of a release.
pub fn tarball(version: &str) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzBuilder::new().write(Vec::new(), Compression::fast()));
    let mut add = |path: &str, content: &str| {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(DATE);
        tar.append_data(&mut header, format!("{TOP}/{path}"), content.as_bytes()).unwrap();
    };
    add("VERSION", &format!("{version}\n"));
    add("COMMIT_ID", "0123456789abcdef0123456789abcdef01234567\n");
    for folder in FOLDERS {
        add(&format!("{folder}/of.yaml"), &format!("release: {version}\n"));
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// The name that the tarball of a release has.
pub fn name(version: &str) -> String {
    format!("onpremFull_{TOP}_{version}.tgz")
}

impl Package {
    /// Makes the package of a release in a checkout of its own.
    pub fn make(version: &str) -> Self {
        let checkout = Checkout::new();
        fs::write(checkout.root().join(name(version)), tarball(version)).unwrap();
        let ran =
            checkout.xtask(["gitea", "package", "-q", "--format=json", "--tarball", &name(version)]).run();
        let ran = ran.exits(0).stderr("");
        let answer = ran.json();
        assert_eq!(answer["outcome"], "made");
        let file = checkout.root().join(answer["file"].as_str().unwrap());
        Self { checkout, file }
    }
}

/// The package of the first release; made once.
pub fn first() -> &'static Package {
    static FIRST: OnceLock<Package> = OnceLock::new();
    FIRST.get_or_init(|| Package::make("v2026.1.0-rc1"))
}

/// The package of the release after that; made once.
pub fn second() -> &'static Package {
    static SECOND: OnceLock<Package> = OnceLock::new();
    SECOND.get_or_init(|| Package::make("v2026.1.0"))
}

/// What a program of the system prints; it must succeed.
#[track_caller]
pub fn read(program: impl AsRef<std::ffi::OsStr>, args: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(args).arg(file).env("LC_ALL", "C").output().unwrap();
    let (said, complained) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {}\n{said}{complained}", output.status);
    said
}

/// A program that the suite was told of.
pub fn part(name: &str) -> PathBuf {
    let path = std::env::var_os(name);
    path.unwrap_or_else(|| panic!("`cargo xtask test package` sets {name}")).into()
}
