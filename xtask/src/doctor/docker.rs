//! Whether Docker is one in which kind's nodes can run.

use super::facts::{DockerFacts, Place};
use super::{Check, Seen, Verb, has_kind, is_traefik};
use crate::profile::Version;

/// kind gives its nodes a namespace of their own for control groups: `docker
/// run --cgroupns=private`, which Docker has had since then (API 1.41).
const OLDEST: &str = "20.10";

pub(super) const DOCKER: Check = Check {
    name: "docker",
    why: "the nodes of the cluster and the router are its containers",
    applies: |cx| has_kind(cx) || is_traefik(cx),
    verbs: &[Verb::Kind, Verb::Metallb, Verb::Router, Verb::Up],
    look: |facts| Ok(facts.docker().map_or_else(Clone::clone, version)),
};
pub(super) const PLACE: Check = Check {
    name: "docker machine",
    why: "this machine has to reach the addresses of the nodes, and they its files",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Metallb, Verb::Up],
    look: |facts| Ok(facts.told_by_docker().map_or_else(|unknown| unknown, place)),
};
pub(super) const RIGHTS: Check = Check {
    name: "docker rights",
    why: "a Docker without the rights of root keeps its networks to itself",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Metallb, Verb::Up],
    look: |facts| Ok(facts.told_by_docker().map_or_else(|unknown| unknown, rights)),
};
pub(super) const STORAGE: Check = Check {
    name: "docker storage",
    why: "the node's image is large, and its layers are copied by some drivers",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: |facts| Ok(facts.told_by_docker().map_or_else(|unknown| unknown, storage)),
};

fn version(docker: &DockerFacts) -> Seen {
    let DockerFacts { endpoint, version, .. } = docker;
    let found = format!("version {version} answers at `{endpoint}`");
    match (docker.number(), Version::parse(OLDEST)) {
        (Some(number), Some(oldest)) if number < oldest => Seen::missing(
            format!("{found}, and is older than {OLDEST}, the first in which kind's nodes run"),
            "install a newer one: `sudo apt-get install docker.io`, or see https://docs.docker.com/engine/install",
        ),
        (Some(_), _) => Seen::good(found),
        (None, _) => Seen::unknown(format!("{found}; whether that is {OLDEST} or newer cannot be told")),
    }
}

fn place(docker: &DockerFacts) -> Seen {
    let Place::Elsewhere(system) = &docker.place else {
        return Seen::good("Docker has the kernel of this machine");
    };
    Seen::warning(
        format!(
            "Docker runs in a machine of its own (`{system}`): the addresses of its containers cannot be \
             reached from here, and mounts are of that machine's files"
        ),
        "use Docker Engine on this machine, or put the router into kind's network: `--set router.network=bridge`",
    )
}

/// The first two are what kind refuses (pkg/cluster/internal/create/create.go).
fn rights(docker: &DockerFacts) -> Seen {
    let limits = docker.limits;
    if !docker.rootless {
        return Seen::good("Docker runs as root");
    }
    if docker.cgroup != Some(2) {
        return Seen::missing(
            "Docker runs without the rights of root, and control groups are of version 1: kind refuses that",
            "boot with `systemd.unified_cgroup_hierarchy=1`, or use a Docker that runs as root",
        );
    }
    if !(limits.memory && limits.cpu && limits.pids) {
        return Seen::missing(
            "Docker runs without the rights of root, and no limits are delegated to it: kind refuses that",
            "put `[Service]` and `Delegate=yes` into `/etc/systemd/system/user@.service.d/delegate.conf`, \
             run `sudo systemctl daemon-reload`, and log in again",
        );
    }
    Seen::warning(
        "Docker runs without the rights of root: the addresses of its containers cannot be reached from \
         here, and ports below 1024 cannot be had",
        "use a Docker that runs as root: `DOCKER_HOST=unix:///var/run/docker.sock`",
    )
}

fn storage(docker: &DockerFacts) -> Seen {
    let driver = &docker.storage;
    match driver.as_str() {
        "vfs" => Seen::warning(
            "`vfs` copies every layer whole: a node takes minutes to make, and gigabytes",
            "choose another: `{\"storage-driver\": \"overlay2\"}` in `/etc/docker/daemon.json` \
             (images have to be pulled again)",
        ),
        "aufs" | "devicemapper" | "overlay" => Seen::warning(
            format!("`{driver}` is no longer supported by newer Docker"),
            "choose another: `{\"storage-driver\": \"overlay2\"}` in `/etc/docker/daemon.json` \
             (images have to be pulled again)",
        ),
        _ => Seen::good(format!("`{driver}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::super::facts::Limits;
    use super::*;

    fn docker(change: impl FnOnce(&mut DockerFacts)) -> DockerFacts {
        let mut docker = DockerFacts::for_tests();
        change(&mut docker);
        docker
    }

    #[test]
    fn a_good_one() {
        let docker = docker(|_| ());
        for seen in [version(&docker), place(&docker), rights(&docker), storage(&docker)] {
            assert_eq!((seen.state, seen.mend), (State::Good, None), "{}", seen.found);
        }
    }

    #[test]
    fn the_version_is_one_in_which_nodes_run() {
        let state = |number: &str| version(&docker(|it| it.version = number.into())).state;
        assert_eq!(state("19.03.15"), State::Missing);
        assert_eq!(state("20.10.24+dfsg1"), State::Good);
        assert_eq!(state("dev"), State::Unknown);
    }

    #[test]
    fn one_in_a_machine_of_its_own() {
        let seen = place(&docker(|it| it.place = Place::Elsewhere("Docker Desktop".into())));
        assert_eq!(seen.state, State::Warning);
        assert!(seen.found.contains("Docker Desktop"), "{}", seen.found);
    }

    #[test]
    fn without_the_rights_of_root() {
        let seen = |cgroup, pids| {
            let limits = Limits { memory: true, cpu: true, pids };
            rights(&docker(|it| {
                *it = DockerFacts { rootless: true, cgroup: Some(cgroup), limits, ..it.clone() };
            }))
        };
        assert_eq!(seen(1, true).state, State::Missing);
        assert_eq!(seen(2, false).state, State::Missing);
        assert!(seen(2, false).mend.unwrap().contains("Delegate=yes"));
        assert_eq!(seen(2, true).state, State::Warning);
    }

    #[test]
    fn slow_storage() {
        let state = |driver: &str| storage(&docker(|it| it.storage = driver.into())).state;
        for driver in ["vfs", "aufs"] {
            assert_eq!(state(driver), State::Warning, "{driver}");
        }
        for driver in ["overlay2", "overlayfs", "fuse-overlayfs", "btrfs", "zfs"] {
            assert_eq!(state(driver), State::Good, "{driver}");
        }
    }
}
