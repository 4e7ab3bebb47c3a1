//! Seeding, against real Git: run on this machine, and behind HTTP.

#![allow(clippy::unwrap_used, reason = "tests panic")]

mod basics;
mod hostile;
mod http;
mod packs;
mod races;
mod refusals;
mod support;
