//! The validated table and its look-up.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::{Backend, EntryPoint, HostName, HostPattern};

/// Connections of one entry point for some hosts go to one backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Unique in the table: lower-case letters, digits and `-`.
    pub name: String,
    /// Where the connections arrive.
    pub entry_point: EntryPoint,
    /// At least one; `*` stands alone.
    pub hosts: Vec<HostPattern>,
    /// Of all routes that match, the one with the highest priority is taken; at least 1.
    pub priority: u32,
    /// `None`: not known yet. Connections are closed and counted.
    pub backend: Option<Backend>,
}

impl Route {
    /// Whether the route takes a connection for `name` on `entry_point`.
    pub fn matches(&self, entry_point: EntryPoint, name: Option<&HostName>) -> bool {
        self.entry_point == entry_point && self.hosts.iter().any(|host| host.matches(name))
    }
}

/// Why routes do not make a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A table without routes would close every connection.
    #[error("there are no routes")]
    Empty,
    /// A name that could not be used in Traefik's configuration or a log.
    #[error("route `{0}`: a name is 1 to 63 lower-case letters, digits and `-`, starting with a letter")]
    Name(String),
    /// Two routes of one name.
    #[error("route `{0}` is defined twice")]
    DuplicateName(String),
    /// A route that takes nothing.
    #[error("route `{0}` has no hosts")]
    NoHosts(String),
    /// To Traefik, priority 0 means "not set".
    #[error("route `{0}`: priority 0 means unset to Traefik; use 1 or more")]
    PriorityZero(String),
    /// `*` already takes everything.
    #[error("route `{0}`: `*` must be the only host of its route")]
    AnyWithOthers(String),
    /// One host twice within a route.
    #[error("route `{route}` lists host `{host}` twice")]
    DuplicateHost {
        /// The route.
        route: String,
        /// Its doubled host.
        host: HostPattern,
    },
    /// Which of two routes takes a connection would be chance.
    #[error("routes `{first}` and `{second}` both take `{host}` on {entry_point} with priority {priority}")]
    Ambiguous {
        /// One route.
        first: String,
        /// The other.
        second: String,
        /// A pattern of one that overlaps with one of the other.
        host: HostPattern,
        /// Where both listen.
        entry_point: EntryPoint,
        /// The priority of both.
        priority: u32,
    },
}

/// Validated routes with an index; look-up takes constant time however many
/// hosts there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Route>", into = "Vec<Route>")]
pub struct RoutingTable {
    routes: Vec<Route>,
    index: BTreeMap<EntryPoint, Index>,
}

/// For one entry point, the position of the winning route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Index {
    exact: HashMap<HostName, usize>,
    wildcard: HashMap<HostName, usize>,
    any: Option<usize>,
}

impl RoutingTable {
    /// Checks the routes and indexes them. The first problem found is returned.
    pub fn new(routes: Vec<Route>) -> Result<Self, TableError> {
        if routes.is_empty() {
            return Err(TableError::Empty);
        }
        let mut names = HashSet::new();
        for route in &routes {
            check_route(route)?;
            if !names.insert(&route.name) {
                return Err(TableError::DuplicateName(route.name.clone()));
            }
        }
        check_ambiguity(&routes)?;
        let index = EntryPoint::ALL.into_iter().map(|point| (point, Index::new(&routes, point))).collect();
        Ok(Self { routes, index })
    }

    /// The routes in the order given.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The position in [`routes`](Self::routes) of the route that takes a
    /// connection; `name` is `None` when the client names no host.
    pub fn position(&self, entry_point: EntryPoint, name: Option<&HostName>) -> Option<usize> {
        let index = self.index.get(&entry_point)?;
        let Some(name) = name else { return index.any };
        if let Some(&exact) = index.exact.get(name) {
            return Some(exact);
        }
        let parent = name.as_str().split_once('.').map(|(_, parent)| parent);
        parent.and_then(|parent| index.wildcard.get(parent).copied()).or(index.any)
    }

    /// The route that takes a connection; see [`position`](Self::position).
    pub fn find(&self, entry_point: EntryPoint, name: Option<&HostName>) -> Option<&Route> {
        self.position(entry_point, name).map(|position| &self.routes[position])
    }

    /// The names of the routes whose backend is not known.
    pub fn without_backend(&self) -> Vec<String> {
        let absent = self.routes.iter().filter(|route| route.backend.is_none());
        absent.map(|route| route.name.clone()).collect()
    }

    /// The entry points that have a route.
    pub fn entry_points(&self) -> impl Iterator<Item = EntryPoint> {
        EntryPoint::ALL
            .into_iter()
            .filter(|&point| self.routes.iter().any(|route| route.entry_point == point))
    }
}

impl Index {
    fn new(routes: &[Route], entry_point: EntryPoint) -> Self {
        let best = |name: Option<&HostName>| best_match(routes, entry_point, |host| host.matches(name));
        let hosts =
            || routes.iter().filter(|route| route.entry_point == entry_point).flat_map(|route| &route.hosts);
        let mut index = Self { any: best(None), ..Self::default() };
        for host in hosts() {
            match host {
                HostPattern::Exact(name) => {
                    index.exact.extend(best(Some(name)).map(|position| (name.clone(), position)));
                }
                HostPattern::Wildcard(parent) => {
                    let covers = |other: &HostPattern| other == host || *other == HostPattern::Any;
                    let winner = best_match(routes, entry_point, covers);
                    index.wildcard.extend(winner.map(|position| (parent.clone(), position)));
                }
                HostPattern::Any => {}
            }
        }
        index
    }
}

/// The route with the highest priority of those with a host that `matches`.
fn best_match(
    routes: &[Route],
    entry_point: EntryPoint,
    matches: impl Fn(&HostPattern) -> bool,
) -> Option<usize> {
    let takes = |route: &Route| route.entry_point == entry_point && route.hosts.iter().any(&matches);
    let candidates = routes.iter().enumerate().filter(|(_, route)| takes(route));
    candidates.max_by_key(|(_, route)| route.priority).map(|(position, _)| position)
}

fn check_route(route: &Route) -> Result<(), TableError> {
    let name = || route.name.clone();
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let starts = route.name.starts_with(|first: char| first.is_ascii_lowercase());
    if !starts || route.name.len() > 63 || !route.name.bytes().all(allowed) {
        return Err(TableError::Name(name()));
    }
    if route.hosts.is_empty() {
        return Err(TableError::NoHosts(name()));
    }
    if route.priority == 0 {
        return Err(TableError::PriorityZero(name()));
    }
    if route.hosts.len() > 1 && route.hosts.contains(&HostPattern::Any) {
        return Err(TableError::AnyWithOthers(name()));
    }
    let mut seen = HashSet::new();
    match route.hosts.iter().find(|&host| !seen.insert(host)) {
        Some(host) => Err(TableError::DuplicateHost { route: name(), host: host.clone() }),
        None => Ok(()),
    }
}

/// Finds two routes of one entry point and priority that overlap.
fn check_ambiguity(routes: &[Route]) -> Result<(), TableError> {
    // A wildcard overlaps with the names below it; `*` with everything.
    let overlap = |one: &HostPattern, other: &HostPattern| match (one, other) {
        (HostPattern::Any, _) | (_, HostPattern::Any) => true,
        (HostPattern::Exact(name), pattern) | (pattern, HostPattern::Exact(name)) => {
            pattern.matches(Some(name))
        }
        (HostPattern::Wildcard(one), HostPattern::Wildcard(other)) => one == other,
    };
    for (position, first) in routes.iter().enumerate() {
        let rivals = routes[position + 1..].iter();
        for second in rivals.filter(|it| it.entry_point == first.entry_point && it.priority == first.priority)
        {
            let clash = second.hosts.iter().find(|host| first.hosts.iter().any(|own| overlap(own, host)));
            if let Some(host) = clash {
                return Err(TableError::Ambiguous {
                    first: first.name.clone(),
                    second: second.name.clone(),
                    host: host.clone(),
                    entry_point: first.entry_point,
                    priority: first.priority,
                });
            }
        }
    }
    Ok(())
}

impl TryFrom<Vec<Route>> for RoutingTable {
    type Error = TableError;

    fn try_from(routes: Vec<Route>) -> Result<Self, TableError> {
        Self::new(routes)
    }
}

impl From<RoutingTable> for Vec<Route> {
    fn from(table: RoutingTable) -> Self {
        table.routes
    }
}
