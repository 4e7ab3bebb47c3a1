//! Versions of foreign programs, and which of them will do.

use std::fmt;

use serde::Serialize;

use super::section::Section;

/// A released version, such as `0.33.0`: what is left out is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub struct Version([u32; 3]);

/// The versions of a program that will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Versions {
    /// The first of them.
    pub from: Version,
    /// The first that will not do any more.
    pub before: Version,
}

impl Version {
    /// Reads `1.2.3`, `v1.2` or the release of `1.2.3-rc.1+build`.
    pub fn parse(text: &str) -> Option<Self> {
        let release = text.strip_prefix('v').unwrap_or(text).split(['-', '+']).next()?;
        let mut numbers = [0; 3];
        let mut parts = release.split('.');
        for (index, part) in parts.by_ref().take(3).enumerate() {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            numbers[index] = part.parse().ok().filter(|_| is_number)?;
        }
        parts.next().is_none().then_some(Self(numbers))
    }
}

impl Versions {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let mut version = |name| {
            let read = |text: &String| {
                Version::parse(text).ok_or_else(|| format!("`{text}` is not a version, such as `0.33.0`"))
            };
            section.required(name).and_then(|item| item.text()?.read(read))
        };
        let (from, before) = (version("from"), version("before"));
        section.finish();
        let (from, before) = (from?.value, before?);
        if before.value <= from {
            before.at.report(format!("{} is not after {from}", before.value));
        }
        Some(Self { from, before: before.value })
    }

    /// Whether `version` is one of them.
    pub fn contains(&self, version: Version) -> bool {
        self.from <= version && version < self.before
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([major, minor, patch]) = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} or newer, before {}", self.from, self.before)
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_programs_say_of_themselves() {
        for (text, expected) in
            [("0.33.0", "0.33.0"), ("v3.19", "3.19.0"), ("v1.2.3-alpha.1+go", "1.2.3"), ("7", "7.0.0")]
        {
            assert_eq!(Version::parse(text).unwrap().to_string(), expected);
        }
        for text in ["", "v", "1.", "1.2.3.4", "a", "+1", "1.2.99999999999"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert!(Version::parse("0.9.0") < Version::parse("0.33"));
    }
}
