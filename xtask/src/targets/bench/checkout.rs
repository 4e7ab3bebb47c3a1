//! A workspace of its own, and this same binary run in it.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::context::Context;
use crate::platform::SAMPLE;
use crate::process::Program;
use crate::state::StateDir;

/// The profile that is measured.
pub const PROFILE: &str = "coder";

/// The workspace: a folder in the state directory of the measurement.
pub struct Checkout {
    /// The real workspace.
    workspace: PathBuf,
    root: PathBuf,
    program: PathBuf,
}

impl Checkout {
    /// The one called `name`, which need not exist.
    pub fn of(cx: &Context, name: &str) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        Ok(Self { workspace: cx.root().to_owned(), root: StateDir::of(cx).file(name), program })
    }

    /// Makes it, with copies of these profiles and a link to the sample of a release.
    pub fn make(&self, profiles: &[&str]) -> anyhow::Result<()> {
        for folder in ["profiles", "xtask"] {
            fs::create_dir_all(self.root.join(folder)).context("cannot make a workspace")?;
        }
        for profile in profiles {
            let file = format!("profiles/{profile}.toml");
            fs::copy(self.workspace.join(&file), self.root.join(&file))
                .with_context(|| format!("cannot copy `{file}`"))?;
        }
        let sample = self.root.join(SAMPLE);
        match symlink(self.workspace.join(SAMPLE), &sample) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(error).with_context(|| format!("cannot make `{}`", sample.display()))
            }
            _ => Ok(()),
        }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a call for the profile has left something here.
    pub fn has_state(&self, profile: &str) -> bool {
        self.root.join(".xtask").join(profile).exists()
    }

    /// A call for the profile, which answers in JSON.
    pub fn call(&self, profile: &str, args: &[&str]) -> Program {
        let program = Program::new(&self.program).args(args).dir(&self.root);
        program
            .args(["--format", "json", "--profile", profile])
            .variable("CARGO_MANIFEST_DIR", self.root.join("xtask"))
            // Its state is its own.
            .without(&["XTASK_STATE_DIR".to_owned()])
            // What it asks for is among the overrides.
            .variable("ORCH_DOMAIN", "")
    }
}
