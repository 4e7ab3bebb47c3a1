//! The `[[route]]` tables of a profile.

use routing::{Backend, EntryPoint, HostName, HostPattern, Route, RoutingTable, TableError};
use serde::Serialize;

use super::hosts::{HostEntry, HostList};
use super::object::ServiceRef;
use super::section::{At, Item, Raw};

/// Connections for some hosts on one entry point go to one service.
#[derive(Clone, Debug, Serialize)]
pub struct RouteProfile {
    /// Unique in the profile.
    pub name: String,
    /// Where the connections arrive.
    pub port: EntryPoint,
    /// At least one.
    pub hosts: Vec<HostEntry>,
    /// Of all routes that match, the one with the highest is taken; at least 1.
    pub priority: u32,
    /// At least one; the first that exists is the backend.
    pub services: Vec<ServiceRef>,
}

impl RouteProfile {
    /// The route with `listed` in place of `@hosts`.
    pub fn route(&self, listed: &[HostPattern], backend: Option<Backend>) -> Route {
        // The list may hold what the route names as well.
        let own = |host: &HostPattern| self.hosts.contains(&HostEntry::Pattern(host.clone()));
        let hosts = self.hosts.iter().flat_map(|entry| match entry {
            HostEntry::Pattern(host) => vec![host.clone()],
            HostEntry::HostList => listed.iter().filter(|host| !own(host)).cloned().collect(),
        });
        Route {
            name: self.name.clone(),
            entry_point: self.port,
            hosts: hosts.collect(),
            priority: self.priority,
            backend,
        }
    }
}

/// A route and the places that a message about it can point to.
pub(super) struct Located<'p, 'a> {
    pub(super) route: RouteProfile,
    name: At<'p, 'a>,
    hosts: At<'p, 'a>,
    priority: At<'p, 'a>,
}

pub(super) fn read<'p, 'a>(item: Raw<'p, 'a>, domain: &HostName) -> Option<Located<'p, 'a>> {
    let mut section = item.section()?;
    let free = |name: &String| {
        if RESERVED.contains(&name.as_str()) {
            Err(format!("`{name}` is the name of a stage or a file of this program; choose another"))
        } else {
            Ok(name.clone())
        }
    };
    let name = section.required("name").and_then(|item| item.text()?.read(free));
    if let Some(name) = &name {
        section.rename(format!("route.{}", name.value));
    }
    let port = section.required("port").and_then(|item| item.word(&EntryPoint::ALL));
    let hosts = section.required("hosts");
    let hosts_at = hosts.as_ref().map(|item| item.at.clone());
    let hosts = hosts.and_then(|item| all(item, |text| HostEntry::parse(text, domain)));
    let priority = section.required("priority").and_then(|item| item.number("1 to 4294967295"));
    let services = section.required("services").and_then(read_services);
    section.finish();
    let (Item { at: name_at, value: name }, Item { at: priority_at, value: priority }) = (name?, priority?);
    let route = RouteProfile { name, port: port?, hosts: hosts?, priority, services: services? };
    Some(Located { route, name: name_at, hosts: hosts_at?, priority: priority_at })
}

fn read_services(item: Raw<'_, '_>) -> Option<Vec<ServiceRef>> {
    let at = item.at.clone();
    let services = all(item, ServiceRef::parse)?;
    if services.is_empty() {
        at.report("there is no service; name at least one, as in `argocd/argocd-server:443`");
    }
    Some(services)
}

/// Names that stages, daemons and files in the state directory have already.
const RESERVED: [&str; 7] = ["ca", "certificates", "plain-text", "ports", "router", "routes", "watch"];

/// Each text of a list; `None` if one of them is wrong.
fn all<T>(item: Raw<'_, '_>, parse: impl Fn(&str) -> Result<T, String>) -> Option<Vec<T>> {
    let one = |item: Raw<'_, '_>| item.text()?.read(|text| parse(text)).map(|item| item.value);
    // First all, so that each is checked.
    let values: Vec<Option<T>> = item.list()?.into_iter().map(one).collect();
    values.into_iter().collect()
}

/// Notes what keeps the routes from making a table: doubled names, hosts, priorities.
pub(super) fn check(routes: &[Located<'_, '_>], list: Option<&HostList>) {
    let listed = list.map_or(&[][..], |list| &list.hosts);
    let mut table = Vec::new();
    for read in routes {
        if list.is_none() && read.route.hosts.contains(&HostEntry::HostList) {
            read.hosts.report("`@hosts` needs a table `[host_list]`");
            continue;
        }
        table.push(read.route.route(listed, None));
        if let Err(error) = RoutingTable::new(table.clone()) {
            read.place(&error).report(&error);
            table.pop();
        }
    }
}

impl<'p, 'a> Located<'p, 'a> {
    fn place(&self, error: &TableError) -> &At<'p, 'a> {
        match error {
            TableError::Empty | TableError::Name(_) | TableError::DuplicateName(_) => &self.name,
            TableError::NoHosts(_) | TableError::AnyWithOthers(_) | TableError::DuplicateHost { .. } => {
                &self.hosts
            }
            TableError::PriorityZero(_) | TableError::Ambiguous { .. } => &self.priority,
        }
    }
}
