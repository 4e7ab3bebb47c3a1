//! Errors of ours that pass through the seeding, which does not know them.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};

/// An error with all that led to it.
#[derive(Debug)]
struct Carried {
    message: String,
    error: Mutex<Option<anyhow::Error>>,
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Carried {}

/// As an error that a [`git_seed::Remote`] may return.
pub fn carried(error: anyhow::Error) -> io::Error {
    io::Error::other(Carried { message: error.to_string(), error: Mutex::new(Some(error)) })
}

/// The error that was [`carried`], if it was one of ours; it is taken out of there.
pub fn own(error: &git_seed::Error) -> Option<anyhow::Error> {
    let carried: &Carried = error.source()?.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()?;
    carried.error.lock().unwrap_or_else(PoisonError::into_inner).take()
}
