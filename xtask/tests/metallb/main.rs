//! `metallb`: against an API server with scripted faults, and a Docker and a
//! Helm that are only asked.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

#[path = "../support/mod.rs"]
mod support;

mod apply;
mod bed;
mod docker;
mod helm;
mod networks;
mod status;
