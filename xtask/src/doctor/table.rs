//! Every check.

use super::Check;
use super::{
    api_server, capacity, cgroups, clock, cluster, docker, forwarding, inotify, machine, modules, names,
    networks, programs, proxies, router,
};

/// In the order in which they are told: what others need comes first.
pub(super) const ALL: &[Check] = &[
    machine::PROFILE,
    machine::STATE_DIRECTORY,
    machine::SOCKETS,
    machine::LOOPBACK,
    programs::GIT,
    docker::DOCKER,
    docker::PLACE,
    docker::RIGHTS,
    docker::STORAGE,
    capacity::DISK,
    capacity::MEMORY,
    capacity::PROCESSORS,
    programs::DOCKER,
    programs::COMPOSE,
    programs::KIND,
    programs::HELM,
    programs::KUBECTL,
    cgroups::CHECK,
    inotify::CHECK,
    modules::CHECK,
    forwarding::CHECK,
    networks::CHECK,
    proxies::CHECK,
    api_server::CHECK,
    router::CHECK,
    cluster::CHECK,
    names::CHECK,
    clock::CHECK,
    machine::OPEN_FILES,
    machine::PROCESS_TABLE,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ALL;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<&str> = ALL.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
