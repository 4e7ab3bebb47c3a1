//! What was seen in the cluster, as a routing table.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use cluster::{HostList, Last, NotReady, Observed, Seen};
use routing::{Backend, HostPattern, RoutingTable};

use super::{Discovered, Pending, failure};
use crate::profile::{Profile, RouteProfile, ServiceRef};

/// Malformed entries of the host list that are told one by one.
const TOLD: usize = 3;

/// The table of `profile` by what was `seen`, with the `given` backends in
/// place of those found. A host list that was not seen is that of `before`,
/// where there is such a table. Fails where the cluster did not let us look at
/// a service that decides over a route; contacts nothing.
pub fn resolve(
    profile: &Profile,
    seen: &Seen,
    given: &BTreeMap<String, Backend>,
    before: Option<&RoutingTable>,
) -> anyhow::Result<Discovered> {
    let mut backends = given.clone();
    let (mut pending, mut warnings) = (Vec::new(), Vec::new());
    let mut owners: BTreeMap<SocketAddr, &ServiceRef> = BTreeMap::new();
    for route in profile.routes.iter().filter(|route| !given.contains_key(&route.name)) {
        match first_that_exists(route, seen)? {
            Ok((service, backend)) => {
                warnings.extend(several_addresses(service, backend, seen));
                let other = *owners.entry(backend.address()).or_insert(service);
                if other.object() != service.object() {
                    warnings.push(format!("services `{other}` and `{service}` both claim `{backend}`"));
                }
                backends.insert(route.name.clone(), backend);
            }
            Err(why) => pending.push(Pending { route: route.name.clone(), why }),
        }
    }
    warnings.dedup();
    let hosts = hosts(profile, seen, before, &mut warnings);
    Ok(Discovered { table: profile.table(&hosts, &backends)?, pending, warnings })
}

/// The backend of the first service that exists, or why there is none.
fn first_that_exists<'p>(
    route: &'p RouteProfile,
    seen: &Seen,
) -> anyhow::Result<Result<(&'p ServiceRef, Backend), String>> {
    for service in &route.services {
        let Some(Observed { last, trouble }) = seen.services.get(&service.object()) else { continue };
        match (last, trouble) {
            (Last::There(found), _) => {
                let backend = found.backend(service.port);
                return Ok(backend.map(|it| (service, it)).map_err(|why| not_ready(service, &why)));
            }
            (Last::Unknown, Some(trouble)) => return Err(failure(trouble)),
            (Last::Unknown, None) => return Ok(Err(format!("`{service}` has not been seen yet"))),
            (Last::Absent, _) => {}
        }
    }
    if !route.services.iter().any(|service| seen.services.contains_key(&service.object())) {
        return Ok(Err("no backend is known".to_owned()));
    }
    let names = route.services.iter().map(|service| format!("`{}`", service.object())).collect::<Vec<_>>();
    Ok(Err(match &names[..] {
        [name] => format!("service {name} does not exist"),
        names => format!("none of the services {} exists", names.join(", ")),
    }))
}

fn not_ready(service: &ServiceRef, why: &NotReady) -> String {
    format!("service `{}`: {why}", service.object())
}

fn several_addresses(service: &ServiceRef, taken: Backend, seen: &Seen) -> Option<String> {
    let Last::There(found) = &seen.services.get(&service.object())?.last else { return None };
    let addresses = found.addresses();
    let all: Vec<_> = addresses.iter().map(ToString::to_string).collect();
    let (name, ip) = (service.object(), taken.address().ip());
    (all.len() > 1).then(|| format!("service `{name}` has the addresses {}; {ip} is taken", all.join(", ")))
}

/// What `@hosts` stands for: the list in the cluster; while that cannot be
/// read, the one of `before`; else that of the profile.
fn hosts(
    profile: &Profile,
    seen: &Seen,
    before: Option<&RoutingTable>,
    warnings: &mut Vec<String>,
) -> Vec<HostPattern> {
    let own = || profile.listed_hosts().to_vec();
    let kept = || before.and_then(|before| profile.listed_in(before));
    let Some((place, observed)) = profile.host_list.as_ref().zip(seen.host_list.as_ref()) else {
        return own();
    };
    let place = format!("ConfigMap `{}`", place.config_map);
    match (&observed.last, &observed.trouble) {
        (Last::There(list), _) if !list.hosts.is_empty() => {
            warnings.extend(malformed(list, &place));
            list.hosts.clone()
        }
        (Last::There(list), _) => {
            warnings.extend(malformed(list, &place));
            warnings.push(format!("{place} names no host; the profile's list is taken"));
            own()
        }
        (Last::Unknown, Some(trouble)) => {
            let which = if before.is_some() {
                "the list of hosts stays"
            } else {
                "the profile's list of hosts is taken"
            };
            warnings.push(format!("{trouble}; {which}"));
            kept().unwrap_or_else(own)
        }
        (Last::Unknown, None) => kept().unwrap_or_else(own),
        (Last::Absent, _) => own(),
    }
}

fn malformed(list: &HostList, place: &str) -> Vec<String> {
    let told = list.malformed.iter().take(TOLD);
    let mut told: Vec<_> =
        told.map(|it| format!("{place}: entry `{}` is left out: {}", it.entry, it.reason)).collect();
    let rest = list.malformed.len().saturating_sub(TOLD);
    if rest > 0 {
        told.push(format!("{place}: {rest} more entries are left out"));
    }
    told
}
