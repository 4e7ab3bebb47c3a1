//! Files that need not be there.

use std::io::{Error, ErrorKind};

/// Whether an error says that there is no such file, be it for want of its folder.
pub fn is_not_found(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
