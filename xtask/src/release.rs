//! A release that is read: watched, limited in time, and told of when it is refused.

mod failure;
mod scan;
mod spool;
mod watched;

pub use failure::failed_with;
pub use scan::{open, scan, scan_file};
pub use spool::spool;
pub use watched::{Watched, still_wanted};
