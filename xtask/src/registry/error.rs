//! Why a registry did not tell what it was asked for.

use crate::failure::Failure;

/// Why a registry did not tell what it was asked for.
#[derive(Debug)]
pub enum Error {
    /// It could not be reached, or failed itself, or whoever gives out its
    /// tokens did: what was known of it before may still be so.
    Unavailable(anyhow::Error),
    /// It said something else, cannot be trusted, or was never asked.
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Other(failure.into())
    }
}

impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(error) | Error::Other(error) => error,
        }
    }
}
