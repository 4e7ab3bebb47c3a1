//! The cluster that kind makes for a profile of this workspace.

mod config;
mod credentials;
mod difference;
mod folder;
mod registries;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use difference::{Difference, difference};
pub use folder::{Folder, MOUNT};
