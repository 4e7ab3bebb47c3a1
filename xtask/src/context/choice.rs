//! Which profile a call is for.

use std::fmt;
use std::path::PathBuf;

use anyhow::Context as _;
use serde::Serialize;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::not_found::is_not_found;

/// The profile when nothing else is said.
const DEFAULT_PROFILE: &str = "local";

/// The name of a profile and where the choice comes from.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileChoice {
    /// The profile's name.
    pub name: String,
    /// Who chose it.
    pub source: ChoiceSource,
}

/// Where the choice of a profile comes from; the first that says something wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChoiceSource {
    /// `--profile`.
    Flag,
    /// `XTASK_PROFILE`.
    Environment,
    /// `cargo xtask profile use`.
    Remembered,
    /// Nobody: `local`.
    Default,
}

impl ProfileChoice {
    /// The file that remembers `cargo xtask profile use`.
    pub fn file(environment: &Environment) -> PathBuf {
        environment.state_root().join("profile")
    }

    pub(super) fn new(flag: Option<&str>, environment: &Environment) -> anyhow::Result<Self> {
        let choice = |name: &str, source| Self { name: name.to_owned(), source };
        if let Some(name) = flag {
            return Ok(choice(name, ChoiceSource::Flag));
        }
        if let Some(name) = &environment.profile {
            return Ok(choice(name, ChoiceSource::Environment));
        }
        let file = Self::file(environment);
        match std::fs::read_to_string(&file) {
            Ok(name) => Ok(choice(name.trim(), ChoiceSource::Remembered)),
            // A file in the place of the folder is trouble for those who write there.
            Err(error) if is_not_found(&error) => Ok(choice(DEFAULT_PROFILE, ChoiceSource::Default)),
            Err(error) => Err(error).with_context(|| {
                Failure::missing(format!("cannot read the remembered profile `{}`", file.display()))
                    .help("make it readable, or name a profile with `--profile`")
            }),
        }
    }
}

impl fmt::Display for ChoiceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "from --profile",
            Self::Environment => "from XTASK_PROFILE",
            Self::Remembered => "remembered by `cargo xtask profile use`",
            Self::Default => "the default",
        })
    }
}
