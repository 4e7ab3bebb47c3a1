//! How much a release may hold, as flags.

use git_seed::Limits;

use crate::profile::{Profile, ReleaseLimits};

/// How much a release may hold, where it is not as the profile says.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Limits")]
#[expect(clippy::struct_field_names, reason = "they are called as the flags are")]
pub struct LimitFlags {
    /// MiB of all files together, at most [default: the profile's]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    max_total_mib: Option<u32>,
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

impl LimitFlags {
    /// The limits of the profile, or of a scan if it has none, but for what the flags say.
    pub fn limits(&self, profile: &Profile) -> Limits {
        let limits = profile.gitea.as_ref().map(|gitea| ReleaseLimits::limits(&gitea.limits));
        let limits = limits.unwrap_or_default();
        let mib = |flag: Option<u32>, else_: u64| flag.map_or(else_, |mib| u64::from(mib) << 20);
        let number = |flag: Option<u32>, else_: u64| flag.map_or(else_, u64::from);
        Limits {
            total: mib(self.max_total_mib, limits.total),
            file: mib(self.max_file_mib, limits.file),
            ratio: number(self.max_ratio, limits.ratio),
            entries: number(self.max_entries, limits.entries),
            depth: number(self.max_depth, limits.depth),
            path: number(self.max_path, limits.path),
        }
    }
}
