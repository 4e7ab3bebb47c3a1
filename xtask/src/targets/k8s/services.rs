//! `k8s services`.

use std::net::IpAddr;

use cluster::{Error, Ingress, Last, ObjectName, Observed, Port, Seen, Service, ServiceType};
use serde::Serialize;

use super::{ports, profile_with_cluster};
use crate::context::Context;
use crate::discovery::{self, failure};
use crate::profile::{Profile, ServiceRef};
use crate::report::{Answer, Page, Style, Table};

/// Show the services that the profile's routes lead to
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Services {
    services: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    object: ObjectName,
    /// The routes that lead to it if it is the first that exists.
    routes: Vec<String>,
    #[serde(rename = "type")]
    service_type: Option<ServiceType>,
    /// Those of its load balancer, also those its names stand for.
    addresses: Vec<IpAddr>,
    /// Those of its load balancer.
    names: Vec<String>,
    ports: Vec<Port>,
    state: State,
    /// What is the matter.
    why: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It can be the backend of its routes.
    Ready,
    /// It exists, and cannot yet.
    NotReady,
    /// It does not exist.
    Absent,
    /// The cluster does not let us look.
    Forbidden,
    /// The cluster does not tell.
    Unknown,
}

impl Args {
    /// Prints them. Fails when the cluster did not tell of one for another
    /// reason than that it is forbidden, or of none at all.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let profile = profile_with_cluster(cx)?;
        let seen = discovery::observe(cx)?;
        cx.reporter.answer("k8s services", &Services { services: rows(profile, &seen) })?;
        let mut silent = seen.services.values().filter(|observed| state_of(observed) == State::Unknown);
        match silent.find_map(|observed| observed.trouble.as_ref()) {
            Some(trouble) => Err(failure(trouble)),
            None => Ok(()),
        }
    }
}

fn references(profile: &Profile) -> impl Iterator<Item = &ServiceRef> {
    profile.routes.iter().flat_map(|route| &route.services)
}

/// A row for each service, in the order of the routes.
fn rows(profile: &Profile, seen: &Seen) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for object in references(profile).map(ServiceRef::object) {
        if let Some(observed) = seen.services.get(&object)
            && rows.iter().all(|row| row.object != object)
        {
            rows.push(row(profile, object, observed));
        }
    }
    rows
}

fn row(profile: &Profile, object: ObjectName, observed: &Observed<Service>) -> Row {
    let routes = profile.routes.iter().filter(|route| route.services.iter().any(|it| it.object() == object));
    let mut row = Row {
        routes: routes.map(|route| route.name.clone()).collect(),
        service_type: None,
        addresses: Vec::new(),
        names: Vec::new(),
        ports: Vec::new(),
        state: state_of(observed),
        why: observed.trouble.as_ref().map(Error::to_string),
        object,
    };
    if let Last::There(service) = &observed.last {
        row.service_type = Some(service.service_type);
        row.addresses = service.addresses();
        let names = service.ingress.iter().filter(|it| matches!(it, Ingress::Host { .. }));
        row.names = names.map(Ingress::to_string).collect();
        row.ports.clone_from(&service.ports);
        let mut wanted = references(profile).filter(|it| it.object() == row.object);
        if let Some(why) = wanted.find_map(|it| service.backend(it.port).err()) {
            row.state = State::NotReady;
            row.why = Some(why.to_string());
        }
    }
    row
}

/// What is known before its ports are looked at.
fn state_of(observed: &Observed<Service>) -> State {
    match (&observed.last, &observed.trouble) {
        (Last::There(_), _) => State::Ready,
        (Last::Absent, _) => State::Absent,
        (Last::Unknown, Some(Error::Forbidden { .. })) => State::Forbidden,
        (Last::Unknown, _) => State::Unknown,
    }
}

impl Answer for Services {
    fn write(&self, page: &mut Page) {
        let mut table = Table::new(&["namespace", "name", "routes", "type", "addresses", "ports", "state"]);
        for row in &self.services {
            let plain = |text: String| (text, Style::Plain);
            let addresses = row.names.iter().cloned().chain(row.addresses.iter().map(IpAddr::to_string));
            table.styled_row([
                plain(row.object.namespace.clone()),
                plain(row.object.name.clone()),
                plain(row.routes.join(", ")),
                plain(row.service_type.map(|it| it.to_string()).unwrap_or_default()),
                plain(addresses.collect::<Vec<_>>().join(", ")),
                plain(ports(&row.ports)),
                row.told(),
            ]);
        }
        page.table(&table);
    }
}

impl Row {
    fn told(&self) -> (String, Style) {
        let why = self.why.clone().unwrap_or_default();
        match self.state {
            State::Ready => ("ready".to_owned(), Style::Good),
            State::Absent => ("absent".to_owned(), Style::Warn),
            State::NotReady | State::Forbidden => (why, Style::Warn),
            State::Unknown => (why, Style::Bad),
        }
    }
}
