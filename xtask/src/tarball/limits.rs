//! How much a release may hold, as flags.

use git_seed::Limits;

use crate::profile::{Profile, ReleaseLimits};
use crate::release::{LimitsBy, Rules};

/// How much a release may hold, where it is not as the profile says.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Limits")]
pub struct LimitFlags {
    #[command(flatten)]
    total: TotalFlag,
    /// MiB of one file, at most [default: the profile's]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    max_file_mib: Option<u32>,
    /// How many times larger than the archive its files may be [default: the profile's]
    #[arg(long, value_name = "TIMES", value_parser = clap::value_parser!(u32).range(1..))]
    max_ratio: Option<u32>,
    /// Entries of the archive, at most [default: the profile's]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    max_entries: Option<u32>,
    /// Folders above a file, at most [default: the profile's]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    max_depth: Option<u32>,
    /// Bytes of a path, at most [default: the profile's]
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..))]
    max_path: Option<u32>,
}

/// The one that counts already before a release is read.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Limits")]
pub struct TotalFlag {
    /// MiB of all files together, at most [default: the profile's]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    max_total_mib: Option<u32>,
}

impl LimitFlags {
    /// With the limits of the profile, or of a scan if it has none, but for what the flags say.
    pub fn rules(&self, profile: &Profile, strict: bool) -> Rules {
        let Rules { limits, by, .. } = self.total.rules(profile);
        let number = |flag: Option<u32>, else_: u64| flag.map_or(else_, u64::from);
        let limits = Limits {
            total: limits.total,
            file: mib(self.max_file_mib, limits.file),
            ratio: number(self.max_ratio, limits.ratio),
            entries: number(self.max_entries, limits.entries),
            depth: number(self.max_depth, limits.depth),
            path: number(self.max_path, limits.path),
        };
        Rules { limits, strict, by }
    }
}

impl TotalFlag {
    /// With the limits of the profile, or of a scan if it has none, but for what the flag says.
    pub fn rules(&self, profile: &Profile) -> Rules {
        let limits = profile.gitea.as_ref().map(|gitea| ReleaseLimits::limits(&gitea.limits));
        let limits = limits.unwrap_or_default();
        let limits = Limits { total: mib(self.max_total_mib, limits.total), ..limits };
        Rules { limits, strict: false, by: LimitsBy::Flags }
    }
}

fn mib(flag: Option<u32>, else_: u64) -> u64 {
    flag.map_or(else_, |mib| u64::from(mib) << 20)
}
