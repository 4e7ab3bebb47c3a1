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

pub use build::{Made, Outcome, Request, build};
pub use version::debian_version;

/// The package, and its folders.
pub const NAME: &str = "xtask-gitea-seed";
/// The profile in the package.
pub const PROFILE: &str = "onprem";
