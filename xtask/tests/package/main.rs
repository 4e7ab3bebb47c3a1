//! The Debian package: what it is made of, and what it does to a Debian.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests panic, and start programs")]

mod cluster;
mod contents;
mod debian;
mod made;
mod policy;
mod refused;
mod seeding;
mod system;
mod unit;

#[path = "../support/mod.rs"]
mod support;
