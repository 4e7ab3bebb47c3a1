//! Whether the host names lead to the router.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use routing::{HostName, HostPattern};
use tokio::net::lookup_host;

use super::facts::limit;
use super::{Check, Facts, Seen, Verb, has_kind};
use crate::context::Context;
use crate::engine;
use crate::failure::{Exit, exit_of};
use crate::profile::{Profile, own_addresses};

/// How long a resolver may take: one that does not answer at all takes longer.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) const CHECK: Check = Check {
    name: "host names",
    why: "browsers and tools of this machine ask for the services by name",
    applies: |cx| has_kind(cx) && cx.profile().is_ok_and(|profile| profile.router.is_some()),
    verbs: &[Verb::Router, Verb::Up],
    look,
};

fn look(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let cx = facts.cx;
    let Some(name) = first_name(cx.profile()?) else {
        return Ok(Seen::unknown("no route names a host"));
    };
    let router: Vec<IpAddr> = engine::wanted_listeners(cx)?.values().map(SocketAddr::ip).collect();
    let own = own_addresses()?;
    match resolve(cx, &name) {
        Ok(resolved) => Ok(decide(&name, &resolved, &router, &own)),
        Err(error) if exit_of(&error) == Exit::TimedOut => Ok(Seen::unknown(format!(
            "the resolver does not tell of `{name}` within {} s",
            PATIENCE.as_secs()
        ))),
        Err(error) => Err(error),
    }
}

/// The first whole name of a route.
fn first_name(profile: &Profile) -> Option<HostName> {
    let table = profile.table(profile.listed_hosts(), &BTreeMap::new()).ok()?;
    table.routes().iter().flat_map(|route| &route.hosts).find_map(|host| match host {
        HostPattern::Exact(name) => Some(name.clone()),
        HostPattern::Wildcard(_) | HostPattern::Any => None,
    })
}

/// Its addresses; none where no resolver knows it.
fn resolve(cx: &Context, name: &HostName) -> anyhow::Result<Vec<IpAddr>> {
    let limit = limit(cx).min(Instant::now() + PATIENCE);
    let resolved: io::Result<Vec<IpAddr>> = cx.block_on(limit, "the resolver", async {
        Ok(lookup_host((name.as_str(), 443)).await?.map(|address| address.ip()).collect())
    })?;
    // What is not known, and a resolver out of reach, are the same error.
    Ok(resolved.unwrap_or_default())
}

fn decide(name: &HostName, resolved: &[IpAddr], router: &[IpAddr], own: &[IpAddr]) -> Seen {
    let is_router = |it: &IpAddr| {
        router.iter().any(|router| router == it || (router.is_unspecified() && own.contains(it)))
    };
    let listed = |addresses: &[IpAddr]| {
        let mut addresses: Vec<String> = addresses.iter().map(|it| format!("`{it}`")).collect();
        addresses.dedup();
        addresses.join(", ")
    };
    let mend = "have the lines kept in `/etc/hosts`: `sudo cargo xtask gen hosts --write /etc/hosts`";
    match resolved.iter().find(|it| is_router(it)) {
        Some(address) => Seen::good(format!("`{name}` leads to the router, `{address}`")),
        None if resolved.is_empty() => Seen::warning(format!("`{name}` is not known on this machine"), mend),
        None => Seen::warning(
            format!("`{name}` leads to {}, and the router to {}", listed(resolved), listed(router)),
            format!("see `getent ahosts {name}` and `/etc/hosts`; {mend}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn told(resolved: &[&str], router: &str) -> (State, String) {
        let parse = |text: &&str| text.parse::<IpAddr>().unwrap();
        let resolved: Vec<IpAddr> = resolved.iter().map(parse).collect();
        let name = HostName::parse("argo.kind.internal").unwrap();
        let seen = decide(&name, &resolved, &[parse(&router)], &[parse(&"10.0.0.7")]);
        (seen.state, seen.found)
    }

    #[test]
    fn to_the_router_nowhere_or_elsewhere() {
        let good = "`argo.kind.internal` leads to the router, `10.0.0.7`";
        assert_eq!(told(&["192.0.2.9", "10.0.0.7"], "10.0.0.7"), (State::Good, good.into()));
        assert_eq!(told(&["10.0.0.7"], "0.0.0.0"), (State::Good, good.into()));
        let nowhere = "`argo.kind.internal` is not known on this machine";
        assert_eq!(told(&[], "10.0.0.7"), (State::Warning, nowhere.into()));
        let elsewhere = "`argo.kind.internal` leads to `192.0.2.9`, and the router to `10.0.0.7`";
        assert_eq!(told(&["192.0.2.9"], "10.0.0.7"), (State::Warning, elsewhere.into()));
    }
}
