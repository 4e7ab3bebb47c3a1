//! `gitea accounts`: against a Gitea and an API server that go wrong when they
//! are told to.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod bed;
mod broken_off;
mod certificates;
mod engine;
mod foreign;
mod given;
mod reach;
mod rights;
mod rotate;
mod states;
