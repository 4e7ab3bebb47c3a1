//! How much a release may hold.

use git_seed::Limits;
use serde::Serialize;

use crate::profile::section::{Item, Section};

/// How much a release may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReleaseLimits {
    /// MiB of all files together.
    pub total_mib: u32,
    /// MiB of one file.
    pub file_mib: u32,
    /// How many times larger than the archive its content may be.
    pub ratio: u32,
    /// Entries of the archive.
    pub entries: u32,
    /// Folders above a file, at most.
    pub depth: u32,
    /// Bytes of a path.
    pub path: u32,
}

impl ReleaseLimits {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let mut number = |name: &'static str, most: u32| {
            let item = section.required(name)?.number::<u32>(&format!("1 to {most}"))?;
            let within = |&value: &u32| {
                if (1..=most).contains(&value) {
                    Ok(value)
                } else {
                    Err(format!("{value} is not of 1 to {most}"))
                }
            };
            item.read(within).map(|item: Item<'_, '_, u32>| item.value)
        };
        let total_mib = number("total_mib", 1 << 20);
        let file_mib = number("file_mib", 1 << 20);
        let ratio = number("ratio", 1 << 20);
        let entries = number("entries", 10_000_000);
        let depth = number("depth", 256);
        let path = number("path", 4096);
        section.finish();
        Some(Self {
            total_mib: total_mib?,
            file_mib: file_mib?,
            ratio: ratio?,
            entries: entries?,
            depth: depth?,
            path: path?,
        })
    }

    /// In the units of a scan.
    pub fn limits(&self) -> Limits {
        Limits {
            total: u64::from(self.total_mib) << 20,
            file: u64::from(self.file_mib) << 20,
            ratio: self.ratio.into(),
            entries: self.entries.into(),
            depth: self.depth.into(),
            path: self.path.into(),
        }
    }
}
