//! One module for each namespace of targets: its arguments, `run`, helpers below.

pub mod completions;
pub mod list;
pub mod version;
