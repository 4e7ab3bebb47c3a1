//! What a check saw, and what to think of it.

use serde::Serialize;

use super::Fix;
use crate::failure::help_of;

/// What to think of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Good,
    /// It could be better.
    Warning,
    /// Without it nothing can be made.
    Missing,
    /// It could not be looked at.
    Unknown,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What to think of it.
    pub state: State,
    /// In words; where it could not be looked at, why not.
    pub found: String,
    /// What mends it: the command, where there is one.
    pub mend: Option<String>,
    /// The commands that do so, where that is safe.
    pub fix: Vec<Fix>,
}

impl Seen {
    /// It is as it should be.
    pub fn good(found: impl Into<String>) -> Self {
        Self { state: State::Good, found: found.into(), mend: None, fix: Vec::new() }
    }

    /// It could be better, by `mend`.
    pub fn warning(found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Warning, mend: Some(mend.into()), ..Self::good(found) }
    }

    /// It is missing; `mend` helps.
    pub fn missing(found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Missing, mend: Some(mend.into()), ..Self::good(found) }
    }

    /// It could not be looked at.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self { state: State::Unknown, ..Self::good(why) }
    }

    /// The same, with the commands that mend it.
    #[must_use]
    pub fn fixed_by(self, fix: impl IntoIterator<Item = Fix>) -> Self {
        Self { fix: fix.into_iter().collect(), ..self }
    }
}

impl From<anyhow::Error> for Seen {
    fn from(error: anyhow::Error) -> Self {
        let mend = help_of(&error).map(str::to_owned);
        Self { state: State::Missing, mend, ..Self::good(format!("{error:#}")) }
    }
}
