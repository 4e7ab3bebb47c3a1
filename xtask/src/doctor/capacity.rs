//! Memory, processors and disk against what the profile needs.

use std::path::Path;

use anyhow::Context as _;
use rustix::fs::statvfs;

use super::facts::Place;
use super::{Check, Facts, Seen, Verb, has_kind};
use crate::profile::kind::Needs;

pub(super) const DISK: Check = Check {
    name: "disk",
    why: "the images of all that runs in the cluster, and its data, are kept where Docker keeps its own",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: disk,
};
pub(super) const MEMORY: Check = Check {
    name: "memory",
    why: "with too little, what runs in the cluster is killed, or never starts",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: memory,
};
pub(super) const PROCESSORS: Check = Check {
    name: "processors",
    why: "pods that ask for more than there is never start",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: processors,
};

/// What of memory the kernel and the firmware keep: a machine is sold with
/// more than it tells. In percent.
const KEPT: u64 = 7;

fn needs(facts: &Facts<'_>) -> anyhow::Result<Needs> {
    Ok(facts.cx.profile()?.kind()?.needs)
}

fn disk(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let need = needs(facts)?.disk_gib;
    let docker = match facts.told_by_docker() {
        Ok(docker) => docker,
        Err(unknown) => return Ok(unknown),
    };
    let folder = &docker.data;
    if docker.place != Place::Here || !folder.is_dir() {
        return Ok(Seen::unknown(format!(
            "`{}` of Docker's machine cannot be seen from here",
            folder.display()
        )));
    }
    let disk =
        statvfs(folder).with_context(|| format!("cannot look at the disk of `{}`", folder.display()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 30;
    Ok(decide_disk(free, need.into(), folder))
}

fn decide_disk(free: u64, need: u64, folder: &Path) -> Seen {
    let found = format!("{free} GiB of {need} needed are free at `{}`", folder.display());
    if free >= need {
        return Seen::good(found);
    }
    let room =
        "see what can go with `docker system df`, and remove what nobody uses with `docker system prune`";
    Seen::warning(with_weight(found, free, need), room)
}

fn memory(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let need = needs(facts)?.memory_gib;
    let told = facts.docker().ok().and_then(|docker| docker.memory);
    Ok(told.or_else(own_memory).map_or_else(
        || Seen::unknown("neither Docker nor `/proc/meminfo` tells how much there is"),
        |bytes| decide_memory(bytes, need.into()),
    ))
}

fn decide_memory(bytes: u64, need: u64) -> Seen {
    let (there, need_bytes) = (bytes >> 20, need << 10);
    let found = format!("{:.1} GiB of {need} needed", gib(there));
    if there * 100 >= need_bytes * (100 - KEPT) {
        return Seen::good(found);
    }
    let mend = format!(
        "use a machine, or give that of Docker, {need} GiB; what is needed less is chosen with \
         `--set kind.needs.memory_gib=GIB`"
    );
    Seen::warning(with_weight(found, there, need_bytes), mend)
}

fn processors(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let need = needs(facts)?.cpus;
    let own = || std::thread::available_parallelism().ok().and_then(|it| u64::try_from(it.get()).ok());
    let told = facts.docker().ok().and_then(|docker| docker.cpus);
    Ok(told.or_else(own).map_or_else(
        || Seen::unknown("neither Docker nor the system tells how many there are"),
        |count| decide_processors(count, need.into()),
    ))
}

fn decide_processors(count: u64, need: u64) -> Seen {
    let found = format!("{count} of {need} needed");
    if count >= need {
        return Seen::good(found);
    }
    let mend = format!(
        "use a machine, or give that of Docker, {need}; what is needed less is chosen with \
         `--set kind.needs.cpus=NUMBER`"
    );
    Seen::warning(with_weight(found, count, need), mend)
}

/// Says so where less than half of what is needed is there.
fn with_weight(found: String, there: u64, need: u64) -> String {
    if there * 2 < need { format!("{found}: less than half, so expect failures") } else { found }
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn gib(mib: u64) -> f64 {
    mib as f64 / 1024.0
}

#[cfg(target_os = "linux")]
fn own_memory() -> Option<u64> {
    use procfs::Current as _;
    procfs::Meminfo::current().ok().map(|memory| memory.mem_total)
}

#[cfg(not(target_os = "linux"))]
fn own_memory() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    const GIB: u64 = 1 << 30;

    fn told(seen: &Seen) -> (State, &str) {
        (seen.state, &seen.found)
    }

    #[test]
    fn memory_is_what_the_machine_was_sold_with() {
        let told_of = |bytes| decide_memory(bytes, 16);
        assert_eq!(told(&told_of(16 * GIB)), (State::Good, "16.0 GiB of 16 needed"));
        assert_eq!(told(&told_of(GIB * 156 / 10)), (State::Good, "15.6 GiB of 16 needed"));
        assert_eq!(told(&told_of(12 * GIB)), (State::Warning, "12.0 GiB of 16 needed"));
        let little = told_of(7 * GIB);
        assert_eq!(
            told(&little),
            (State::Warning, "7.0 GiB of 16 needed: less than half, so expect failures")
        );
    }

    #[test]
    fn processors_are_counted() {
        assert_eq!(told(&decide_processors(8, 8)), (State::Good, "8 of 8 needed"));
        assert_eq!(told(&decide_processors(4, 8)), (State::Warning, "4 of 8 needed"));
        let few = decide_processors(3, 8);
        assert_eq!(told(&few), (State::Warning, "3 of 8 needed: less than half, so expect failures"));
    }

    #[test]
    fn disks_are_measured_where_docker_keeps_its_data() {
        let seen = |free| decide_disk(free, 40, Path::new("/var/lib/docker"));
        assert_eq!(told(&seen(40)), (State::Good, "40 GiB of 40 needed are free at `/var/lib/docker`"));
        assert_eq!(seen(39).state, State::Warning);
        assert!(seen(3).found.ends_with("less than half, so expect failures"));
        assert!(seen(3).mend.unwrap().contains("docker system df"));
    }
}
