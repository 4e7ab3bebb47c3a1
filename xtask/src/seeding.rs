//! A release put on the branch of the profile's Git server, and compared with it.

mod commit;
mod compare;
mod failure;
mod flags;
mod head;

pub use commit::{Seeding, seed};
pub use compare::{Comparison, verify};
pub use flags::ReleaseFlags;
pub use head::head;
