//! A release that is read: watched, limited in time, and told of when it is refused.

mod carried;
mod failure;
mod rules;
mod scan;
mod spool;
mod watched;

pub use carried::carried;
pub use failure::failed_with;
pub use rules::{LimitsBy, Rules};
pub use scan::{is_stdin, open, open_or_stdin, scan, scan_file};
pub use watched::{Watched, still_wanted};
