//! The stage that starts a stand-in for one service.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use super::told;
use crate::context::Context;
use crate::daemon::{Daemon, Status};
use crate::metallb;
use crate::stage::{Progress, Stage, State};
use crate::stand_in::certificates::Certificates;
use crate::stand_in::{Config, ListenerConfig, Role, StandInStatus};

/// A stand-in for one service.
pub struct StandInStage(pub Post);

/// The place of a service, and who takes it.
pub struct Post {
    /// The service.
    pub role: Role,
    /// What stands in.
    pub daemon: Daemon,
    /// Its identities.
    pub certificates: Arc<Certificates>,
    /// Where it listens.
    pub place: Place,
    /// The stages before it.
    pub needs: Vec<&'static str>,
}

/// Where stand-ins listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On loopback.
    Loopback,
    /// On this machine's address in the cluster's network.
    Gateway,
}

impl Post {
    /// What a stand-in there is given.
    pub fn config(&self, cx: &Context) -> anyhow::Result<Config> {
        let listener = |route: &String| ListenerConfig {
            route: route.clone(),
            certificate: self.certificates.certificate(route),
            key: self.certificates.key(route),
        };
        Ok(Config {
            service: self.role.service.clone(),
            bind: self.place.address(cx)?,
            listeners: self.role.routes.iter().map(listener).collect(),
            fingerprint: self.certificates.fingerprint().context("the certificates are gone")?,
        })
    }

    /// Whether one that runs was given the same.
    pub fn fits(&self, cx: &Context, status: &StandInStatus) -> anyhow::Result<bool> {
        let address = self.place.address(cx)?;
        let routes = status.listeners.iter().map(|listener| &listener.route);
        Ok(status.service == self.role.service
            && routes.eq(&self.role.routes)
            && status.listeners.iter().all(|listener| listener.address.ip() == address)
            && Some(&status.fingerprint) == self.certificates.fingerprint().as_ref())
    }
}

impl Stage for StandInStage {
    fn name(&self) -> &str {
        &self.0.role.name
    }

    fn needs(&self) -> Vec<&str> {
        self.0.needs.clone()
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let status: Option<Status<StandInStatus>> = self.0.daemon.status()?;
        Ok(match status {
            Some(status) if !status.is_current() => State::Down("it is of another build".to_owned()),
            Some(status) if self.0.fits(cx, &status.service)? => State::Up(describe(&status)),
            Some(_) => State::Down("it runs with other certificates, routes or addresses".to_owned()),
            None => State::Down(format!("starting a stand-in for {}", self.0.role.service)),
        })
    }

    fn plan(&self, _: &Context) -> anyhow::Result<Vec<String>> {
        let (name, service) = (&self.0.role.name, &self.0.role.service);
        Ok(vec![format!("start `xtask daemon stand-in --name {name}` in the place of {service}")])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        self.0.daemon.stop(Duration::ZERO)?;
        let status: Status<StandInStatus> = self.0.daemon.start(cx, "stand-in", &self.0.config(cx)?)?;
        Ok(describe(&status))
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(told(self.0.daemon.stop(Duration::ZERO)?))
    }
}

fn describe(status: &Status<StandInStatus>) -> String {
    let addresses = status.service.listeners.iter().map(|listener| listener.address.to_string());
    format!("{} on {}", status.service.service, addresses.collect::<Vec<_>>().join(" and "))
}

impl Place {
    fn address(self, cx: &Context) -> anyhow::Result<IpAddr> {
        match self {
            Self::Loopback => Ok(Ipv4Addr::LOCALHOST.into()),
            Self::Gateway => metallb::gateway(cx),
        }
    }
}
