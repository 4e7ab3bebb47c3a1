//! One module for each namespace of targets: its arguments, `run`, helpers below.

pub mod bench;
pub mod completions;
pub mod daemon;
pub mod doctor;
pub mod down;
pub mod generate;
pub mod gitea;
pub mod k8s;
pub mod kind;
pub mod lint;
pub mod list;
pub mod metallb;
pub mod profile;
pub mod router;
pub mod status;
pub mod tarball;
pub mod test;
pub mod up;
pub mod version;
