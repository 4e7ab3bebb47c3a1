//! Memory of a process and its descendants.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use procfs::ProcError;
use procfs::process::{Process, all_processes};

/// Resident memory in bytes of `pid` and all its descendants.
///
/// Taken from `smaps_rollup`, which is counted page by page: `VmRSS` is off by
/// up to some hundred pages on a kernel that batches its counters. Pages
/// shared between the processes are counted for each.
pub(crate) fn resident(pid: i32) -> Result<u64> {
    let mut sum = 0;
    for member in family(pid)? {
        let maps = match Process::new(member).and_then(|process| process.smaps_rollup()) {
            // A descendant that has ended meanwhile is nobody's memory.
            Err(ProcError::NotFound(_)) if member != pid => continue,
            maps => maps.with_context(|| format!("cannot read the memory of process {member}"))?,
        };
        sum += maps.memory_map_rollup.iter().filter_map(|map| map.extension.map.get("Rss")).sum::<u64>();
    }
    Ok(sum)
}

fn family(pid: i32) -> Result<Vec<i32>> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for process in all_processes().context("cannot list processes")?.flatten() {
        // One that has ended meanwhile is nobody's memory.
        if let Ok(stat) = process.stat() {
            children.entry(stat.ppid).or_default().push(stat.pid);
        }
    }
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(parent) = family.get(next) {
        family.extend(children.remove(parent).unwrap_or_default());
        next += 1;
    }
    Ok(family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_memory_that_was_touched() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let before = resident(pid).unwrap();
        let touched = vec![1u8; 64 << 20];
        let after = resident(pid).unwrap();
        assert!(after > before + (48 << 20), "{before} {after}");
        drop(touched);
    }

    #[test]
    fn fails_for_a_process_that_is_not_there() {
        assert!(resident(i32::MAX).is_err());
    }
}
