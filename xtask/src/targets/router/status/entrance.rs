//! The entrance of a profile without a router: the load balancers' addresses.

use cluster::{Ingress, Last, NotReady};
use serde::Serialize;

use crate::context::Context;
use crate::discovery;
use crate::profile::{Entrance, RouteProfile, ServiceRef};
use crate::report::{Answer, Page, Style, Table};

/// What takes the connections from outside, and where.
#[derive(Serialize)]
pub struct EntranceView {
    entrance: Entrance,
    routes: Vec<RouteView>,
    #[serde(skip)]
    description: &'static str,
}

#[derive(Serialize)]
struct RouteView {
    route: String,
    /// The first service that exists, else the first that is named.
    service: ServiceRef,
    /// Addresses, or names of AWS.
    addresses: Vec<String>,
    /// Why there is none.
    why: Option<String>,
}

impl EntranceView {
    /// Asks the cluster.
    pub fn look(cx: &Context) -> anyhow::Result<Self> {
        let profile = cx.profile()?;
        let seen = discovery::observe(cx)?;
        let routes = profile.routes.iter().filter_map(|route| RouteView::of(route, &seen));
        let (entrance, description) = (profile.entrance, profile.entrance.describe());
        Ok(Self { entrance, routes: routes.collect(), description })
    }
}

impl RouteView {
    /// None for a route without a service, which no profile has.
    fn of(route: &RouteProfile, seen: &cluster::Seen) -> Option<Self> {
        let there = route.services.iter().find_map(|service| {
            let observed = seen.services.get(&service.object())?;
            if let Last::There(found) = &observed.last { Some((service, found)) } else { None }
        });
        let Some((service, found)) = there else {
            let trouble =
                route.services.iter().find_map(|it| seen.services.get(&it.object())?.trouble.as_ref());
            let why = trouble.map_or("the service does not exist".to_owned(), ToString::to_string);
            let service = route.services.first()?.clone();
            return Some(Self { route: route.name.clone(), service, addresses: Vec::new(), why: Some(why) });
        };
        let addresses: Vec<String> = found.ingress.iter().map(Ingress::to_string).collect();
        // A name of AWS need not be resolved, nor a type be the one of MetalLB.
        let matters = |why: &NotReady| addresses.is_empty() || matches!(why, NotReady::NoPort(_));
        let why = found.backend(service.port).err().filter(matters).map(|why| why.to_string());
        Some(Self { route: route.name.clone(), service: service.clone(), addresses, why })
    }
}

impl Answer for EntranceView {
    fn write(&self, page: &mut Page) {
        page.folded(Style::Plain, 0, format!("there is no router: the entrance is {}", self.description));
        let mut table = Table::new(&["route", "service", "address"]);
        for route in &self.routes {
            let (address, style) = match &route.why {
                None => (route.addresses.join(" "), Style::Good),
                Some(why) => (why.clone(), Style::Warn),
            };
            let plain = |text: String| (text, Style::Plain);
            table.styled_row([
                plain(route.route.clone()),
                plain(route.service.to_string()),
                (address, style),
            ]);
        }
        page.table(&table);
        if self.entrance == Entrance::Aws {
            let note = "an ALB does not show here: `aws elbv2 describe-load-balancers` lists all of them";
            page.folded(Style::Dim, 0, note);
        }
    }
}
