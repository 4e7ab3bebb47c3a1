//! Where a release comes from.

use std::io::{self, Read};

/// An archive that can be read twice from its beginning.
pub trait Source: Send + Sync {
    /// What the user calls it.
    fn name(&self) -> String;

    /// Its size in bytes, if that is known.
    fn size(&self) -> Option<u64>;

    /// A reader from its beginning. Two of them read the same bytes, unless
    /// somebody changes the archive meanwhile, which is found out.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;
}
