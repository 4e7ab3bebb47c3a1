//! `tarball`: built from checkouts, checked, fetched from registries.
//!
//! With `--ignored` also from a real registry, whose program
//! `XTASK_TEST_DOCKER_REGISTRY` names; `cargo xtask test` provides it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]
#![allow(clippy::disallowed_methods, reason = "tests start programs, and are told where they are")]

#[path = "../support/mod.rs"]
mod support;

mod artifact;
mod astray;
mod away;
mod build;
mod credentials;
mod dirty;
mod fake;
mod kept;
mod list;
mod pull;
mod real;
mod repository;
mod settings;
mod verify;
