//! The Debian package that seeds a release on premises: this program, its
//! profile, a release tarball, and a unit of systemd that runs it.
//!
//! The program in it is the one that runs, stripped: what was tried here is
//! what runs there, and nothing is built a second time. The same program,
//! profile and tarball make the same package to the byte; its dates are that of
//! the release.

mod build;
mod control;
mod libraries;
mod place;
mod program;
mod tree;
mod version;

use crate::context::{ChoiceSource, Context, ProfileChoice};
use crate::failure::Failure;
use crate::profile::Profile;

pub use build::{Made, Outcome, Request, build};

/// The package, and its folders.
const NAME: &str = "xtask-gitea-seed";
/// The profile in the package.
const PROFILE: &str = "onprem";

/// The profile in the package, as it lies there. Another one that was chosen is
/// refused: the unit and its places are those of this one.
pub fn profile(cx: &Context) -> anyhow::Result<Profile> {
    let ProfileChoice { name, source } = &cx.choice;
    if *source != ChoiceSource::Default && name != PROFILE {
        let message = format!("there is no package for profile `{name}`: it seeds `{PROFILE}`");
        return Err(Failure::usage(message).help(format!("choose that: `--profile {PROFILE}`")).into());
    }
    if !cx.overrides().is_empty() {
        let said = cx.overrides().join("`, `");
        cx.reporter.warn(&format!("`{said}` does not reach the package: it has `profiles/{PROFILE}.toml`"));
    }
    Profile::load(cx.root(), PROFILE, &[])
}
