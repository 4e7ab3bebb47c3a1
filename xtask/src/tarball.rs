//! Release tarballs: made of a checkout or a folder, checked, fetched.

mod archive;
mod blobs;
mod build;
mod checkout;
mod folder;
mod gzip;
mod layout;
mod limits;
mod manifest;
mod name;
mod pointer;
mod sidecar;
mod snapshot;
mod verify;

pub use build::{Built, Outcome, Request, build, build_folder, check};
pub use checkout::Checkout;
pub use layout::VERSION;
pub use limits::LimitFlags;
pub use name::{ReleaseName, is_version};
pub use sidecar::sha256_of;
pub use verify::{Expected, Verified, verify};
