//! What a release has to keep to, and where the user changes that.

use git_seed::{Fault, Limits, Refusal};

use crate::profile::Profile;

/// What a release has to keep to, and where the user changes that.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// How much it may hold.
    pub limits: Limits,
    /// Whether paths that differ only in case or Unicode form are refused, not
    /// only warned of.
    pub strict: bool,
    /// Where the limits are changed.
    pub by: LimitsBy,
}

/// Where limits are changed.
#[derive(Clone, Copy, Debug)]
pub enum LimitsBy {
    /// In the profile: the command has no flags for them.
    Profile,
    /// By the command's flags, `--max-…`.
    Flags,
}

impl Rules {
    /// Those of a command without flags for them.
    pub fn of(profile: &Profile) -> anyhow::Result<Self> {
        Ok(Self { limits: profile.gitea()?.limits.limits(), strict: false, by: LimitsBy::Profile })
    }

    /// What to do about a release that goes beyond a limit, a field of [`Limits`].
    pub fn raise(&self, field: &str) -> String {
        let key = if matches!(field, "total" | "file") { format!("{field}_mib") } else { field.to_owned() };
        let how = match self.by {
            LimitsBy::Profile => format!("`gitea.limits.{key}` in the profile"),
            LimitsBy::Flags => format!("it with `--max-{}`", key.replace('_', "-")),
        };
        format!("raise {how} if the release is meant to be so")
    }

    /// What to do about a release that is refused.
    pub(super) fn help(&self, fault: &Fault) -> String {
        limit(fault).map_or_else(|| fault.help(), |field| self.raise(field))
    }
}

/// The limit that a release goes beyond, if the user can raise it.
fn limit(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::Limit { key: "names", .. } => None,
        Fault::Limit { key, .. } => Some(key),
        Fault::Entry { refusal: Refusal::LongPath(_), .. } => Some("path"),
        Fault::Entry { refusal: Refusal::Deep(_), .. } => Some("depth"),
        Fault::Entry { refusal: Refusal::Large { .. }, .. } => Some("file"),
        _ => None,
    }
}
