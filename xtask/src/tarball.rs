//! Release tarballs: made of a checkout or a folder, checked, fetched.

mod archive;
mod blobs;
mod build;
mod checkout;
mod choose;
mod fetch;
mod flags;
mod folder;
mod gzip;
mod kept;
mod layout;
mod limits;
mod manifest;
mod name;
mod names;
mod order;
mod partial;
mod pointer;
mod sidecar;
mod snapshot;
mod transfer;
mod variant;
mod verify;

pub use build::{Built, Outcome, Request, build, build_folder, check};
pub use checkout::Checkout;
pub use fetch::{Fetched, fetch};
pub use flags::RegistryFlags;
pub use layout::VERSION;
pub use limits::{LimitFlags, TotalFlag};
pub use name::{ReleaseName, is_version, read_tag};
pub use names::some;
pub use order::newest_first;
pub use variant::variant_of;
pub use verify::{Expected, Verified, verify};
