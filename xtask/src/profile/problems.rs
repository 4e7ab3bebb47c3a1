//! Everything that is wrong with a profile, told at once.

use std::cell::RefCell;
use std::fmt::Write as _;

use super::source::Source;
use crate::failure::Failure;

/// Collects what is wrong, with the offset of each in the source.
pub(super) struct Problems<'a> {
    source: &'a Source,
    found: RefCell<Vec<(usize, String)>>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self { source, found: RefCell::default() }
    }

    pub(super) fn report(&self, offset: usize, message: impl Into<String>) {
        self.found.borrow_mut().push((offset, message.into()));
    }

    /// `profile`, unless something is wrong: then all of it, in the order of the source.
    pub(super) fn into_result<T>(self, name: &str, profile: Option<T>) -> Result<T, Failure> {
        let mut found = self.found.into_inner();
        match profile {
            Some(profile) if found.is_empty() => return Ok(profile),
            _ => found.sort_by_key(|(offset, _)| *offset),
        }
        let mut text = format!("profile `{name}` is not valid");
        for (offset, message) in &found {
            let _ = write!(text, "\n  {}: {message}", self.source.place(*offset));
        }
        Err(Failure::usage(text))
    }
}
