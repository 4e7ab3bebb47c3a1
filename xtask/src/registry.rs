//! OCI registries, as far as one reads from them: tags, manifests, blobs; after
//! the distribution specification, version 1.1.

mod answer;
mod aside;
mod blob;
mod challenge;
mod client;
mod credentials;
mod digest;
mod docker_config;
mod error;
mod helper;
mod lead;
mod link;
mod manifest;
mod place;
mod tags;
mod token;

pub use aside::aside;
pub use client::{Access, Registry};
pub use digest::Digest;
pub use error::Error;
pub use manifest::{Layer, Reference};
