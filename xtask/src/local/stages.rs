//! The stages of a platform without Kubernetes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;

use crate::check::Check;
use crate::context::Context;
use crate::daemon::{Daemon, Status, Stopped};
use crate::discovery;
use crate::engine::{self, Change, EngineStatus};
use crate::failure::Failure;
use crate::stage::{Graph, Progress, Stage, State};
use crate::stand_in::certificates::{self, Certificates};
use crate::stand_in::{Config, ListenerConfig, Role, StandInStatus, roles};
use crate::state::StateDir;

/// How long open connections may take when the router goes down.
const DRAIN: Duration = Duration::from_secs(5);

const CERTIFICATES: &str = "certificates";
const ROUTER: &str = "router";

/// The result of the stage that checks the routes, once it has run.
pub type LastCheck = Arc<Mutex<Option<Check>>>;

/// The stages, and where the routing check leaves its result.
pub fn graph(cx: &Context) -> anyhow::Result<(Graph, LastCheck)> {
    let profile = cx.profile()?;
    let table = profile.table(profile.listed_hosts(), &BTreeMap::new())?;
    let certificates = Arc::new(Certificates::new(StateDir::of(cx), table.routes(), profile.domain.as_str()));
    let roles = roles(profile);
    let names = roles.iter().map(|role| role.name.clone()).collect();
    let last_check = LastCheck::default();
    let mut stages: Vec<Box<dyn Stage>> = vec![Box::new(CertificatesStage(Arc::clone(&certificates)))];
    for role in roles {
        let daemon = Daemon::new(cx, &role.name);
        stages.push(Box::new(StandInStage { role, daemon, certificates: Arc::clone(&certificates) }));
    }
    stages.push(Box::new(RouterStage { services: names }));
    stages.push(Box::new(RoutesStage(Arc::clone(&last_check))));
    Ok((Graph::new(stages)?, last_check))
}

struct CertificatesStage(Arc<Certificates>);

impl CertificatesStage {
    fn describe(cx: &Context) -> String {
        format!("signed by `{}`", cx.shown(&certificates::authority(&StateDir::of(cx))))
    }
}

impl Stage for CertificatesStage {
    fn name(&self) -> &str {
        CERTIFICATES
    }

    fn needs(&self) -> Vec<&str> {
        Vec::new()
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        Ok(match self.0.fingerprint() {
            Some(_) => State::Up(Self::describe(cx)),
            None => State::Down("making an authority and a certificate for each route".to_owned()),
        })
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        let authority = certificates::authority(&StateDir::of(cx));
        Ok(vec![format!("write `{}` and a certificate and key for each route", cx.shown(&authority))])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        self.0.make()?;
        Ok(Self::describe(cx))
    }

    fn undo(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        let state = StateDir::of(cx);
        Ok(state.remove()?.then(|| format!("removed `{}`", cx.shown(state.path()))))
    }
}

struct StandInStage {
    role: Role,
    daemon: Daemon,
    certificates: Arc<Certificates>,
}

impl StandInStage {
    fn config(&self) -> anyhow::Result<Config> {
        let listener = |route: &String| ListenerConfig {
            route: route.clone(),
            certificate: self.certificates.certificate(route),
            key: self.certificates.key(route),
        };
        Ok(Config {
            service: self.role.service.clone(),
            listeners: self.role.routes.iter().map(listener).collect(),
            fingerprint: self.certificates.fingerprint().context("the certificates are gone")?,
        })
    }

    fn fits(&self, status: &StandInStatus) -> bool {
        let routes = status.listeners.iter().map(|listener| &listener.route);
        status.service == self.role.service
            && routes.eq(&self.role.routes)
            && Some(&status.fingerprint) == self.certificates.fingerprint().as_ref()
    }
}

impl Stage for StandInStage {
    fn name(&self) -> &str {
        &self.role.name
    }

    fn needs(&self) -> Vec<&str> {
        vec![CERTIFICATES]
    }

    fn check(&self, _: &Context) -> anyhow::Result<State> {
        let status: Option<Status<StandInStatus>> = self.daemon.status()?;
        Ok(match status {
            Some(status) if !status.is_current() => State::Down("it is of another build".to_owned()),
            Some(status) if self.fits(&status.service) => State::Up(describe(&status)),
            Some(_) => State::Down("it runs with other certificates or routes".to_owned()),
            None => State::Down(format!("starting a stand-in for {}", self.role.service)),
        })
    }

    fn plan(&self, _: &Context) -> anyhow::Result<Vec<String>> {
        let (name, service) = (&self.role.name, &self.role.service);
        Ok(vec![format!("start `xtask daemon stand-in --name {name}` in the place of {service}")])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        self.daemon.stop(Duration::ZERO)?;
        let status: Status<StandInStatus> = self.daemon.start(cx, "stand-in", &self.config()?)?;
        Ok(describe(&status))
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(told(self.daemon.stop(Duration::ZERO)?))
    }
}

fn describe(status: &Status<StandInStatus>) -> String {
    let addresses = status.service.listeners.iter().map(|listener| listener.address.to_string());
    format!("{} on {}", status.service.service, addresses.collect::<Vec<_>>().join(" and "))
}

/// What a daemon's end looks like to the user.
fn told(stopped: Stopped) -> Option<String> {
    match stopped {
        Stopped::Already => None,
        Stopped::Ended => Some("stopped".to_owned()),
        Stopped::Killed => Some("killed, because it did not answer".to_owned()),
    }
}

struct RouterStage {
    services: Vec<String>,
}

impl Stage for RouterStage {
    fn name(&self) -> &str {
        ROUTER
    }

    fn needs(&self) -> Vec<&str> {
        self.services.iter().map(String::as_str).collect()
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let engine = engine::of(cx)?;
        let Some(serving) = engine.serving(cx)? else {
            return Ok(State::Down("starting the embedded router".to_owned()));
        };
        engine::check_listeners(cx, &serving.listeners)?;
        if serving.table != discovery::discover(cx, &[])?.table {
            return Ok(State::Down("its table is out of date".to_owned()));
        }
        // Replacing it would cut connections: the user chooses when.
        let foreign =
            matches!(engine.status(cx)?, Some(EngineStatus::Embedded(status)) if !status.is_current());
        let note = if foreign { "; of another build: `cargo xtask router restart` replaces it" } else { "" };
        Ok(State::Up(format!("{}{note}", serving.describe())))
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        Ok(vec![format!("start `xtask daemon router` on {}", engine::describe_wanted(cx)?)])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        let engine = engine::of(cx)?;
        let change = engine.start(cx, &discovery::discover(cx, &[])?.table)?;
        let serving = engine.serving(cx)?.context("the router ended as soon as it had started")?;
        Ok(match change {
            Change::Reloaded => format!("{}, reloaded", serving.describe()),
            Change::Started | Change::Already => serving.describe(),
        })
    }

    fn undo(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(told(engine::of(cx)?.stop(cx, DRAIN)?))
    }
}

/// Proves that every host reaches its service; always looked at afresh.
struct RoutesStage(LastCheck);

impl Stage for RoutesStage {
    fn name(&self) -> &'static str {
        "routes"
    }

    fn needs(&self) -> Vec<&str> {
        vec![ROUTER]
    }

    fn check(&self, _: &Context) -> anyhow::Result<State> {
        Ok(State::Down("shaking hands for every host".to_owned()))
    }

    fn plan(&self, _: &Context) -> anyhow::Result<Vec<String>> {
        Ok(vec!["make a TLS handshake for every host through every listener".to_owned()])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        let serving = engine::of(cx)?.serving(cx)?.context("the router has ended")?;
        let check = Check::of(cx, &serving)?;
        let (summary, proven) = (check.summary(), check.is_proven());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(check);
        if !proven {
            let failure = Failure::failed(summary);
            return Err(failure.help("see which, and what was seen, with `cargo xtask router check`").into());
        }
        Ok(summary)
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(None)
    }
}
