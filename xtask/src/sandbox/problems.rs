//! Everything that keeps a sandbox from being served, told at once.

use std::fmt::Write as _;

use crate::failure::Failure;

/// What is wrong, and whether the command line is to blame.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<String>,
    usage: bool,
}

impl Problems {
    /// The value, unless the command line is wrong.
    pub fn usage<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|problem| self.all_usage([problem])).ok()
    }

    /// The value, unless what it comes from is not usable.
    pub fn unusable<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|problem| self.all_unusable([problem])).ok()
    }

    /// Notes mistakes of the command line.
    pub fn all_usage(&mut self, problems: impl IntoIterator<Item = String>) {
        let before = self.found.len();
        self.found.extend(problems);
        self.usage |= self.found.len() > before;
    }

    /// Notes what is not usable.
    pub fn all_unusable(&mut self, problems: impl IntoIterator<Item = String>) {
        self.found.extend(problems);
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them; exit status 2 if the command line is wrong, else 3.
    pub fn into_failure(self) -> Failure {
        let mut text = "the sandbox cannot be served".to_owned();
        for problem in &self.found {
            let _ = write!(text, "\n  {problem}");
        }
        if self.usage { Failure::usage(text) } else { Failure::missing(text) }
    }
}
