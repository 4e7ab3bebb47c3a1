//! What a scan finds in archives and folders, good and bad.

#![allow(clippy::unwrap_used, reason = "what the tests share belongs to tests")]
#![allow(clippy::expect_used, reason = "what the tests share belongs to tests")]

mod faults;
mod folders;
mod good;
mod passes;
mod properties;
mod support;
