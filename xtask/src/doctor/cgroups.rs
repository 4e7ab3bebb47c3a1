//! Control groups: their version, and what they can limit.

use std::path::Path;

use super::facts::Limits;
use super::{Check, Facts, Seen, Verb, has_kind};
use crate::profile::Version;

/// The first Kubernetes whose kubelet does not start on version 1 unless it is
/// told to (`failCgroupV1`, KEP 5573).
const REFUSES: &str = "1.35";
const MODERN: &str = "boot with `systemd.unified_cgroup_hierarchy=1` on the kernel's command line: add it to \
                      GRUB_CMDLINE_LINUX in `/etc/default/grub`, run `sudo update-grub`, and restart";

pub(super) const CHECK: Check = Check {
    name: "cgroups",
    why: "the nodes limit their pods by control groups",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look,
};

fn look(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let image = facts.cx.profile()?.kind()?.node_image.to_string();
    let docker = facts.docker().ok();
    let version = docker.and_then(|docker| docker.cgroup).or_else(own_version);
    Ok(decide(version, docker.map(|docker| docker.limits), kubernetes(&image)))
}

/// That of this machine.
fn own_version() -> Option<u8> {
    let folder = Path::new("/sys/fs/cgroup");
    let modern = folder.join("cgroup.controllers").exists();
    folder.is_dir().then_some(if modern { 2 } else { 1 })
}

/// The Kubernetes in a node's image, where its tag tells.
fn kubernetes(image: &str) -> Option<Version> {
    let named = image.split_once('@').map_or(image, |(named, _)| named);
    Version::parse(named.rsplit_once(':')?.1)
}

fn decide(version: Option<u8>, limits: Option<Limits>, kubernetes: Option<Version>) -> Seen {
    let Some(version) = version else {
        return Seen::unknown("neither Docker nor `/sys/fs/cgroup` tells their version");
    };
    if let Some(lacking) = limits.map(lacking).filter(|lacking| !lacking.is_empty()) {
        return Seen::missing(
            format!("version {version}, without limits of {}", lacking.join(", ")),
            "boot a kernel that has them: `cgroup_enable=memory` on its command line, and see \
             `cat /sys/fs/cgroup/cgroup.controllers`",
        );
    }
    match (version, kubernetes, Version::parse(REFUSES)) {
        (2.., ..) => Seen::good("version 2, with limits of memory, processors and processes"),
        (_, Some(image), Some(refuses)) if image >= refuses => Seen::missing(
            format!("version 1, on which Kubernetes {image} does not start ({REFUSES} and newer)"),
            format!("{MODERN}; or choose an older image: `--set kind.node_image=kindest/node:v1.34.0`"),
        ),
        _ => Seen::warning(
            format!("version 1, on which Kubernetes {REFUSES} and newer will not start"),
            MODERN,
        ),
    }
}

fn lacking(limits: Limits) -> Vec<&'static str> {
    let all = [(limits.memory, "memory"), (limits.cpu, "processors"), (limits.pids, "processes")];
    all.into_iter().filter(|(there, _)| !there).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    const ALL: Limits = Limits { memory: true, cpu: true, pids: true };

    #[test]
    fn version_1_will_do_for_older_images_only() {
        let state = |version, image| decide(version, Some(ALL), kubernetes(image)).state;
        assert_eq!(state(Some(2), "kindest/node:v1.35.0"), State::Good);
        assert_eq!(state(Some(1), "kindest/node:v1.33.4"), State::Warning);
        assert_eq!(state(Some(1), "kindest/node:latest"), State::Warning);
        assert_eq!(state(Some(1), "registry:5000/node:v1.35.0@sha256:0a"), State::Missing);
        assert_eq!(state(None, "kindest/node:v1.33.4"), State::Unknown);
    }

    #[test]
    fn limits_that_cannot_be_set_are_named() {
        let seen = decide(Some(2), Some(Limits { memory: false, pids: false, ..ALL }), None);
        assert_eq!(
            (seen.state, seen.found.as_str()),
            (State::Missing, "version 2, without limits of memory, processes")
        );
    }
}
