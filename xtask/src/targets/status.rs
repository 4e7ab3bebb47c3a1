//! `status`: what runs, since when, and whether every host reaches its service.

mod release;

use std::path::PathBuf;

use serde::Serialize;

use super::router::check::write_by_route;
use super::router::{RouterView, told};
use crate::check::Check;
use crate::context::{Context, ProfileChoice};
use crate::daemon::{Daemon, Status as DaemonStatus};
use crate::engine;
use crate::failure::Failure;
use crate::kind::{self, Kind};
use crate::launch;
use crate::metallb;
use crate::profile::Kubernetes;
use crate::report::{Answer, Page, Style, Table};
use crate::stand_in::{Role, StandInStatus, roles};
use release::Release;

/// Show what runs, and whether every host reaches its service
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Status {
    profile: ProfileChoice,
    state: State,
    /// None unless kind makes the profile's cluster.
    cluster: Option<kind::Status>,
    /// None unless there is such a cluster, and it is ready.
    metallb: Option<metallb::Status>,
    /// What stands in for the services.
    services: Vec<Service>,
    /// None unless `up` puts one on a branch.
    release: Option<Release>,
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
    /// Everything runs, every host reaches its service, and there is a release.
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
        let kubernetes = cx.profile()?.kubernetes;
        let cluster = look(kubernetes == Kubernetes::Kind, &mut silent, || Kind::of(cx)?.status(cx));
        let is_ready = cluster.as_ref().is_some_and(kind::Status::is_ready);
        let metallb = look(is_ready && cx.profile()?.metallb.is_some(), &mut silent, || metallb::status(cx));
        let services = services(cx, &mut silent)?;
        let release = Release::look(cx, &mut silent)?;
        let engine = engine::of(cx).map_err(|error| silent.get_or_insert(error)).ok();
        let router = engine.as_ref().map(|engine| RouterView::look(cx, engine.as_ref(), &mut silent));
        let serving = router.as_ref().and_then(RouterView::serving);
        let check = serving.map(|serving| Check::of(cx, &serving)).transpose()?;
        let mut state = State::of(&services, cluster.as_ref(), metallb.as_ref(), check.as_ref());
        let lacks_release = state == State::Up && release.as_ref().is_some_and(|release| !release.is_there());
        if lacks_release || silent.is_some() && router.is_some() {
            state = State::Partial;
        }
        let brought_up = [Kubernetes::None, Kubernetes::Kind].contains(&kubernetes);
        let profile = cx.choice.clone();
        let status =
            Status { profile, state, cluster, metallb, services, release, router, check, brought_up };
        cx.reporter.answer("status", &status)?;
        if let Some(error) = silent {
            return Err(error);
        }
        if state == State::Partial {
            let help = match kubernetes {
                Kubernetes::None | Kubernetes::Kind => "run `cargo xtask up` to mend it",
                Kubernetes::Rke2 | Kubernetes::Eks => "give each route a `--backend` at `router start`",
            };
            return Err(Failure::missing("the platform is up in part only").help(help).into());
        }
        Ok(())
    }
}

/// Looks, where there is something to look at; what does not answer is left in `silent`.
fn look<T>(
    there: bool,
    silent: &mut Option<anyhow::Error>,
    look: impl FnOnce() -> anyhow::Result<T>,
) -> Option<T> {
    there.then(|| look().map_err(|error| silent.get_or_insert(error)).ok()).flatten()
}

/// The stand-ins: all of them where there is no cluster, else those that run.
fn services(cx: &Context, silent: &mut Option<anyhow::Error>) -> anyhow::Result<Vec<Service>> {
    let all = cx.profile()?.kubernetes == Kubernetes::None;
    let roles = roles(cx.profile()?).into_iter();
    let services = roles.map(|role| Service::look(cx, role, silent));
    Ok(services.filter(|service| all || service.running).collect())
}

impl State {
    fn of(
        services: &[Service],
        cluster: Option<&kind::Status>,
        metallb: Option<&metallb::Status>,
        check: Option<&Check>,
    ) -> Self {
        let running = services.iter().filter(|service| service.running).count();
        let Some(cluster) = cluster.filter(|cluster| !cluster.is_absent()) else {
            return match check {
                None if running == 0 => Self::Down,
                Some(check) if running == services.len() && check.is_proven() => Self::Up,
                _ => Self::Partial,
            };
        };
        // What the routes lead to may come later.
        let proven = check.is_some_and(|check| check.wrong == 0);
        let addressed = metallb.is_none_or(|metallb| metallb.healthy);
        if cluster.is_ready() && addressed && proven { Self::Up } else { Self::Partial }
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
        if let Some(cluster) = &self.cluster {
            cluster.write(page);
            page.gap();
        }
        if let Some(metallb) = &self.metallb {
            metallb.write(page);
            page.gap();
        }
        if !self.services.is_empty() {
            let mut table =
                Table::new(&["service", "stands for", "process", "since", "address", "handshakes"]);
            self.services.iter().for_each(|service| table.styled_row(service.cells()));
            page.table(&table);
            page.gap();
        }
        if let Some(release) = &self.release {
            release.write(page);
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
