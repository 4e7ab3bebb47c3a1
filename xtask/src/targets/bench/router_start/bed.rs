//! What the measurements have in common: a workspace before a Kubernetes API,
//! whose Services lead to stand-ins.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;

use super::api::{Api, Service};
use super::backend::{self, Client};
use super::workspace::Workspace;
use crate::context::Context;
use crate::ports::free_address;
use crate::profile::Profile;
use crate::targets::bench::checkout::PROFILE;

/// Where the stand-ins are.
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// The route whose address changes, and its host's label.
const CHANGING: &str = "argo";

/// What everything is measured on.
pub struct Bed<'a> {
    pub cx: &'a Context,
    // Dropped before the API that is watched from it.
    pub workspace: Workspace<'a>,
    pub api: Api<'a>,
    /// The Services that the routes lead to, with their ports.
    pub services: BTreeMap<Service, Vec<u16>>,
    /// The one whose address changes.
    pub changing: Service,
    /// Where the router listens.
    pub listeners: [SocketAddr; 2],
    /// Reaches the changing Service through the router.
    pub client: Client,
}

impl<'a> Bed<'a> {
    /// Builds and starts whatever runs as long as the measurements do.
    pub fn make(cx: &'a Context) -> anyhow::Result<Self> {
        let chosen = cx.apart(PROFILE);
        let profile = chosen.profile()?;
        let mut workspace = Workspace::new(cx)?;
        let mut api = Api::start(cx)?;
        api.delay(Duration::ZERO)?;
        workspace.write_kubeconfig(api.kubeconfig())?;
        let stand_ins = workspace.stand_ins()?;
        let services = lead(&mut workspace, profile, &stand_ins)?;
        let changing = &profile.route(CHANGING)?.services[0];
        let changing = (changing.namespace.clone(), changing.name.clone());
        backend::listen(stand_ins[CHANGING])?;
        let listeners = listen(&mut workspace)?;
        let client = Client::new(listeners[0], &format!("{CHANGING}.{}", profile.domain))?;
        Ok(Self { cx, workspace, api, services, changing, listeners, client })
    }

    /// Lets every Service lead to its stand-in.
    pub fn settle(&mut self) -> anyhow::Result<()> {
        let expose = |(service, ports): (&Service, &Vec<u16>)| self.api.expose(service, ports, HOME);
        self.services.iter().try_for_each(expose)
    }

    /// Gives the changing Service another address.
    pub fn change(&mut self, ip: IpAddr) -> anyhow::Result<()> {
        self.api.expose(&self.changing, &self.services[&self.changing], ip)
    }
}

/// Gives the services of the routes the ports of their stand-ins; returns the
/// first of each route, which shall exist.
fn lead(
    workspace: &mut Workspace,
    profile: &Profile,
    stand_ins: &BTreeMap<String, u16>,
) -> anyhow::Result<BTreeMap<Service, Vec<u16>>> {
    let mut services: BTreeMap<Service, Vec<u16>> = BTreeMap::new();
    for route in &profile.routes {
        let name = &route.name;
        let port = *stand_ins.get(name).with_context(|| format!("route `{name}` has no stand-in"))?;
        let moved = route.services.iter().map(|it| format!("\"{}/{}:{port}\"", it.namespace, it.name));
        let moved: Vec<String> = moved.collect();
        workspace.set(&format!("route.{name}.services"), &format!("[{}]", moved.join(", ")));
        let first = route.services.first().with_context(|| format!("route `{name}` has no service"))?;
        services.entry((first.namespace.clone(), first.name.clone())).or_default().push(port);
    }
    Ok(services)
}

/// Lets the router listen on free ports of loopback; returns where.
fn listen(workspace: &mut Workspace) -> anyhow::Result<[SocketAddr; 2]> {
    let (https, raw, api) = (free_address()?, free_address()?, free_address()?);
    workspace.set("router.bind", &https.ip().to_string());
    workspace.set("router.ports", &format!("{{ https = {}, raw = {} }}", https.port(), raw.port()));
    workspace.set("router.api_port", &api.port().to_string());
    Ok([https, raw])
}
