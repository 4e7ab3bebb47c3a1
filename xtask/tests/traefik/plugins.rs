//! The sources of Traefik's plug-ins, where it looks for them.
#![allow(clippy::disallowed_methods, reason = "tests read the environment and start programs")]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

use crate::support::Checkout;

/// Puts them below `plugins-local/src`: what is here, and modules as the proxy
/// has them, in the version and with the hash that `go.sum` says.
pub fn provide(checkout: &Checkout) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traefik/plugins");
    let sources = checkout.root().join("plugins-local/src");
    copy(&here.join("src"), &sources);
    let module = download(&here);
    let text = |key: &str| module[key].as_str().unwrap_or_else(|| panic!("{module:#}"));
    copy(Path::new(text("Dir")), &sources.join(text("Path")));
}

/// The one module that `folder` requires.
fn download(folder: &Path) -> Value {
    let go = env::var_os("XTASK_TEST_GO").expect("XTASK_TEST_GO names the binary");
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let ran = Command::new(go)
        .args(["mod", "download", "-json"])
        .current_dir(folder)
        .env("GOMODCACHE", cache.join("go-mod"))
        .env("GOCACHE", cache.join("go"))
        // So that whoever made the cache can remove it.
        .env("GOFLAGS", "-modcacherw")
        .env("GOTOOLCHAIN", "local")
        .env("GOWORK", "off")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (entry, to) = (entry.unwrap(), to);
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
