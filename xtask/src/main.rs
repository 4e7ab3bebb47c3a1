//! The task runner.
#![expect(dead_code, reason = "the command tree comes with the next commits")]

mod failure;
mod near;
mod profile;

fn main() {}
