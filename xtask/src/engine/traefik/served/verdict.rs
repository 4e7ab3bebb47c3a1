//! Whether a table is in force.

use routing::{Route, RoutingTable};

use super::answer::is_lost;
use super::{External, Served};
use crate::render;

/// How far Traefik is with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in force.
    InForce,
    /// Something is not yet as it will be.
    NotYet(String),
    /// Traefik has read it, and does not like it.
    Refused(String),
}

impl Served {
    /// Whether Traefik serves `table`, and the names of the sandbox as its
    /// file, `wanted`, has them. What somebody else's file in its folder defines
    /// beside that is not ours to judge.
    pub fn verdict(&self, table: &RoutingTable, wanted: &External) -> Verdict {
        match self.verdict_on_all(table) {
            Verdict::InForce => self.external.verdict(wanted),
            other => other,
        }
    }

    fn verdict_on_all(&self, table: &RoutingTable) -> Verdict {
        let verdicts = table.routes().iter().map(|route| self.verdict_on(route));
        verdicts.into_iter().find(|verdict| *verdict != Verdict::InForce).unwrap_or(Verdict::InForce)
    }

    fn verdict_on(&self, route: &Route) -> Verdict {
        let name = &route.name;
        let Some(router) = self.routers.get(name) else {
            return Verdict::NotYet(format!("route `{name}` is not there"));
        };
        let backend = route.backend.map(|backend| backend.to_string());
        let service = self.services.get(&router.service);
        let is_so = router.rule == render::rule(route)
            && router.priority == route.priority
            && router.entry_points == [route.entry_point.as_str()]
            && router.service == *name
            && service.is_some_and(|service| service.server() == backend.as_deref());
        if !is_so {
            return Verdict::NotYet(format!("route `{name}` is as it was before"));
        }
        let service_is_lost = service.is_some_and(|it| is_lost(it.status.as_deref()));
        let mut faults: Vec<&str> = router.error.iter().map(String::as_str).collect();
        faults.extend(service.iter().flat_map(|service| &service.error).map(String::as_str));
        if router.is_lost() || service_is_lost || !faults.is_empty() {
            return Verdict::Refused(format!("Traefik does not serve route `{name}`: {}", faults.join("; ")));
        }
        Verdict::InForce
    }
}
