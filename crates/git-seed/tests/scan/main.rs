//! What a scan finds in archives and folders, good and bad.

#![allow(clippy::unwrap_used, reason = "what the tests share belongs to tests")]
#![allow(clippy::expect_used, reason = "what the tests share belongs to tests")]

mod good;
mod support;
