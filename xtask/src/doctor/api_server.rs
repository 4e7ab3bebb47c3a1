//! Whether the API server's port can be had.

use std::net::{SocketAddr, TcpListener};

use super::facts::Published;
use super::{Check, Facts, Seen, Verb, has_kind};
use crate::kind::Kind;
use crate::ports;

pub(super) const CHECK: Check = Check {
    name: "API port",
    why: "this machine reaches the cluster's API there",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look,
};

fn look(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let address = facts.cx.profile()?.kind()?.api_server;
    let is_free = TcpListener::bind(address).is_ok();
    let kind = Kind::by_name(facts.cx);
    let containers = facts.docker().map(|docker| docker.containers.as_slice()).unwrap_or_default();
    let container = containers.iter().find(|it| it.ports.contains(&address.port()));
    Ok(decide(address, is_free, container, kind.cluster(), || {
        ports::holder(address).map_or("somebody".to_owned(), |holder| holder.to_string())
    }))
}

/// `container` is one that has the port.
fn decide(
    address: SocketAddr,
    is_free: bool,
    container: Option<&Published>,
    cluster: &str,
    holder: impl FnOnce() -> String,
) -> Seen {
    let container = container.map(|container| container.name.as_str()).filter(|_| !is_free);
    match (address.port(), container) {
        (0, _) => Seen::good(format!("any free port of {}", address.ip())),
        _ if is_free => Seen::good(format!("`{address}` is free")),
        (_, Some(name)) if name.strip_prefix(cluster).is_some_and(|rest| rest.starts_with('-')) => {
            Seen::good(format!("this cluster has `{address}`"))
        }
        (_, name) => {
            let holder = name.map_or_else(holder, |name| format!("container `{name}`"));
            Seen::missing(
                format!("{holder} has `{address}`"),
                format!("end that, or take any free port: `--set kind.api_server={}:0`", address.ip()),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn told(port: u16, is_free: bool, container: Option<&str>) -> (State, String) {
        let container = container.map(|name| Published { name: name.to_owned(), ports: vec![port] });
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let seen = decide(address, is_free, container.as_ref(), "mine", || "process 7 (`nginx`)".into());
        (seen.state, seen.found)
    }

    #[test]
    fn free_ours_or_taken() {
        assert_eq!(told(0, true, None), (State::Good, "any free port of 127.0.0.1".into()));
        assert_eq!(told(6443, true, None), (State::Good, "`127.0.0.1:6443` is free".into()));
        let ours = told(6443, false, Some("mine-control-plane"));
        assert_eq!(ours, (State::Good, "this cluster has `127.0.0.1:6443`".into()));
        let other = told(6443, false, Some("mineral-control-plane"));
        assert_eq!(other, (State::Missing, "container `mineral-control-plane` has `127.0.0.1:6443`".into()));
        let process = told(6443, false, None);
        assert_eq!(process, (State::Missing, "process 7 (`nginx`) has `127.0.0.1:6443`".into()));
    }
}
