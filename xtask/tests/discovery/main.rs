//! The router of the profile `coder` by what a cluster tells: the real
//! program against a Kubernetes API with scripted faults, the embedded engine,
//! and the stand-ins of the profile `local` as services.
#![allow(clippy::unwrap_used, reason = "tests panic")]

#[path = "../fixture/mod.rs"]
mod fixture;
#[path = "../fixture/services.rs"]
mod services;
#[path = "../support/mod.rs"]
mod support;

mod coder;
mod daemon;
mod entrance;
mod faults;
mod follow;
mod hosts;
mod kubeconfig;
mod start;
