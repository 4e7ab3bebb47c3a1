//! `status`: what runs, since when, and whether every host reaches its service.

use std::path::PathBuf;

use serde::Serialize;

use super::router::check::write_by_route;
use super::router::{RouterView, told};
use crate::check::Check;
use crate::context::{Context, ProfileChoice};
use crate::daemon::{Daemon, Status as DaemonStatus};
use crate::engine;
use crate::failure::Failure;
use crate::launch;
use crate::profile::Kubernetes;
use crate::report::{Answer, Page, Style, Table};
use crate::stand_in::{Role, StandInStatus, roles};

/// Show what runs, and whether every host reaches its service
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Status {
    profile: ProfileChoice,
    state: State,
    services: Vec<Service>,
    /// None when this version cannot run the profile's entrance.
    router: Option<RouterView>,
    check: Option<Check>,
    /// Whether `up` can bring the profile up.
    #[serde(skip)]
    brought_up: bool,
}

/// The platform as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// Everything runs, and every host reaches its service.
    Up,
    /// Something runs, but not all is as it should be.
    Partial,
    /// Nothing runs.
    Down,
}

#[derive(Serialize)]
struct Service {
    name: String,
    #[serde(rename = "service")]
    stands_for: String,
    running: bool,
    #[serde(flatten)]
    status: Option<DaemonStatus<StandInStatus>>,
    /// Why it does not tell its status.
    error: Option<String>,
    log: PathBuf,
}

impl Args {
    /// Looks at everything; fails with exit status 3 when the platform is up
    /// in part.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let cx = &launch::resume(cx)?;
        // What does not answer is shown as such, and told when all is shown.
        let mut silent = None;
        let stand_ins = match cx.profile()?.kubernetes {
            Kubernetes::None => roles(cx.profile()?),
            Kubernetes::Kind | Kubernetes::Rke2 | Kubernetes::Eks => Vec::new(),
        };
        let services = stand_ins.into_iter().map(|it| Service::look(cx, it, &mut silent));
        let services: Vec<Service> = services.collect();
        let engine = engine::of(cx).map_err(|error| silent.get_or_insert(error)).ok();
        let router = engine.as_ref().map(|engine| RouterView::look(cx, engine.as_ref(), &mut silent));
        let serving = router.as_ref().and_then(RouterView::serving);
        let check = serving.map(|serving| Check::of(cx, &serving)).transpose()?;
        let running = services.iter().filter(|service| service.running).count();
        let state = match &check {
            None if running == 0 && (silent.is_none() || router.is_none()) => State::Down,
            Some(check) if running == services.len() && check.is_proven() => State::Up,
            _ => State::Partial,
        };
        let brought_up = matches!(cx.profile()?.kubernetes, Kubernetes::None | Kubernetes::Kind);
        let profile = cx.choice.clone();
        cx.reporter.answer("status", &Status { profile, state, services, router, check, brought_up })?;
        if let Some(error) = silent {
            return Err(error);
        }
        if state == State::Partial {
            let help = if brought_up {
                "run `cargo xtask up` to mend it"
            } else {
                "give each route a `--backend` at `router start`"
            };
            return Err(Failure::missing("the platform is up in part only").help(help).into());
        }
        Ok(())
    }
}

impl Service {
    /// Asks the service; one that does not answer is shown, and left in `silent`.
    fn look(cx: &Context, role: Role, silent: &mut Option<anyhow::Error>) -> Self {
        let daemon = Daemon::new(cx, &role.name);
        let (status, error) = told(daemon.status(), silent);
        let running = status.is_some() || error.is_some();
        let log = daemon.log_path();
        Self { name: role.name, stands_for: role.service, running, status, error, log }
    }
}

impl Answer for Status {
    fn write(&self, page: &mut Page) {
        page.folded(Style::Plain, 0, format!("profile: {}, {}", self.profile.name, self.profile.source));
        match self.state {
            State::Down => {
                let command = if self.brought_up { "up" } else { "router start" };
                return page.folded(
                    Style::Warn,
                    0,
                    format!("nothing runs; `cargo xtask {command}` brings it up"),
                );
            }
            State::Partial => page.styled(Style::Bad, "state: up in part only"),
            State::Up => page.styled(Style::Good, "state: up"),
        }
        page.gap();
        if !self.services.is_empty() {
            let mut table =
                Table::new(&["service", "stands for", "process", "since", "address", "handshakes"]);
            self.services.iter().for_each(|service| table.styled_row(service.cells()));
            page.table(&table);
            page.gap();
        }
        self.router.iter().for_each(|router| router.write(page));
        let logs = self.services.iter().map(|service| service.log.display().to_string());
        logs.for_each(|log| page.styled(Style::Dim, format!("log: {log}")));
        if let Some(check) = &self.check {
            page.gap();
            write_by_route(check, page);
            page.gap();
            page.line(check.summary());
        }
    }
}

impl Service {
    fn cells(&self) -> Vec<(String, Style)> {
        let plain = |text: String| (text, Style::Plain);
        let mut cells = vec![plain(self.name.clone()), plain(self.stands_for.clone())];
        match &self.status {
            None if self.running => cells.push(("does not answer".to_owned(), Style::Bad)),
            None => cells.push(("not running".to_owned(), Style::Bad)),
            Some(status) => {
                let listeners = &status.service.listeners;
                let addresses: Vec<_> =
                    listeners.iter().map(|listener| listener.address.to_string()).collect();
                let handshakes: u64 = listeners.iter().map(|listener| listener.handshakes).sum();
                cells.push(plain(status.pid.to_string()));
                cells.push(plain(status.started.clone()));
                cells.push(plain(addresses.join(" ")));
                cells.push(plain(handshakes.to_string()));
            }
        }
        cells
    }
}
