//! A cluster that was made otherwise than the profile is now.

use std::fmt;

use serde::Serialize;

use super::record::Record;
use super::{Config, Difference, difference, with_causes};
use crate::failure::Failure;

/// How the configuration of a cluster differs from that of the profile.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Drift(Vec<Difference>);

impl Drift {
    /// `None` where nothing differs.
    pub(super) fn of(record: &Record, config: &Config) -> anyhow::Result<Option<Self>> {
        if record.digest == config.digest {
            return Ok(None);
        }
        let mut all = difference(&record.config, &config.yaml)?;
        if all.is_empty() {
            // What else the digest is of.
            all.push(Difference { key: "the audit policy".to_owned(), made: None, wanted: None });
        }
        Ok(Some(Self(all)))
    }

    /// One line for each value.
    pub fn lines(&self) -> Vec<String> {
        self.0.iter().map(|it| Line(it).to_string()).collect()
    }

    /// Such a cluster is left as it is.
    pub(super) fn refused(&self, cluster: &str) -> anyhow::Error {
        let failure = Failure::failed(format!(
            "the cluster `{cluster}` was made with other settings, which cannot change as it runs"
        ))
        .help(
            "make it anew with `cargo xtask kind up --recreate`, which loses what is in it, or set the profile back",
        );
        with_causes(failure, self.lines())
    }
}

/// A value as it was, and as it shall be.
struct Line<'a>(&'a Difference);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { key, made, wanted } = self.0;
        match (made, wanted) {
            (Some(made), Some(wanted)) => write!(f, "{key}: made with `{made}`, now `{wanted}`"),
            (None, Some(wanted)) => write!(f, "{key}: made without, now `{wanted}`"),
            (Some(made), None) => write!(f, "{key}: made with `{made}`, now without"),
            (None, None) => write!(f, "{key} is another"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_told_as_it_was_and_as_it_shall_be() {
        let line = |made: Option<&str>, wanted: Option<&str>| {
            let difference =
                Difference { key: "k".into(), made: made.map(Into::into), wanted: wanted.map(Into::into) };
            Line(&difference).to_string()
        };
        assert_eq!(line(Some("0"), Some("2")), "k: made with `0`, now `2`");
        assert_eq!(line(None, Some("2")), "k: made without, now `2`");
        assert_eq!(line(Some("0"), None), "k: made with `0`, now without");
        assert_eq!(line(None, None), "k is another");
    }
}
