//! `gitea seed`, `verify` and `status` of the profile `local`, the forge that
//! serves the repository, and the stages of `up` that rehearse both.
#![allow(clippy::unwrap_used, reason = "tests panic")]
#![allow(clippy::disallowed_methods, reason = "tests start Git")]

#[path = "../fixture/mod.rs"]
mod fixture;
#[path = "../support/mod.rs"]
mod support;

mod archive;
mod bed;
mod compare;
mod damaged;
mod down;
mod environment;
mod faults;
mod forge;
mod history;
mod input;
mod killed;
mod leftovers;
mod odd_clients;
mod races;
mod refusals;
mod status;
mod up;
