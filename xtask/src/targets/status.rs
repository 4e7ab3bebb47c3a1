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
use crate::profile::{Entrance, Kubernetes, Profile};
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
    /// What is said where nothing runs.
    #[serde(skip)]
    idle: &'static str,
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
        let mut silent = None;
        let status = Status::look(cx, &mut silent)?;
        cx.reporter.answer("status", &status)?;
        if let Some(error) = silent {
            return Err(error);
        }
        if status.state == State::Partial {
            let help = match cx.profile()?.kubernetes {
                Kubernetes::None | Kubernetes::Kind => "run `cargo xtask up` to mend it",
                Kubernetes::Rke2 | Kubernetes::Eks => "give each route a `--backend` at `router start`",
            };
            return Err(Failure::missing("the platform is up in part only").help(help).into());
        }
        Ok(())
    }
}

impl Status {
    /// What does not answer is shown as such, and left in `silent`, to be told when all is shown.
    fn look(cx: &Context, silent: &mut Option<anyhow::Error>) -> anyhow::Result<Self> {
        let profile = cx.profile()?;
        let cluster = look(profile.kubernetes == Kubernetes::Kind, silent, || Kind::of(cx)?.status(cx));
        let is_ready = cluster.as_ref().is_some_and(kind::Status::is_ready);
        let metallb = look(is_ready && profile.metallb.is_some(), silent, || metallb::status(cx));
        let services = services(cx, silent)?;
        let mut unread = None;
        let release = Release::look(cx, &mut unread)?;
        let engine = look(profile.entrance == Entrance::Router, silent, || engine::of(cx));
        let router = engine.as_ref().map(|engine| RouterView::look(cx, engine.as_ref(), silent));
        let serving = router.as_ref().and_then(RouterView::serving);
        let check = serving.map(|serving| Check::of(cx, &serving)).transpose()?;
        let mut status = Self {
            profile: cx.choice.clone(),
            state: State::Partial,
            cluster,
            metallb,
            services,
            release,
            router,
            check,
            idle: idle(profile),
        };
        if silent.is_none() || status.router.is_none() {
            status.state = State::of(&status);
        }
        // It is on disk, whatever runs, and says nothing of that.
        *silent = silent.take().or(unread);
        Ok(status)
    }
}

/// What is said where nothing runs, and what there is to do.
fn idle(profile: &Profile) -> &'static str {
    match profile.kubernetes {
        Kubernetes::None | Kubernetes::Kind => "nothing runs; `cargo xtask up` brings it up",
        _ if profile.entrance == Entrance::Router => {
            "nothing runs; `cargo xtask router start` brings the router up"
        }
        Kubernetes::Rke2 | Kubernetes::Eks => {
            "nothing of it runs on this machine; `cargo xtask router status` shows its addresses"
        }
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
    fn of(status: &Status) -> Self {
        let Status { services, cluster, metallb, release, check, .. } = status;
        let running = services.iter().filter(|service| service.running).count();
        let Some(cluster) = cluster.as_ref().filter(|cluster| !cluster.is_absent()) else {
            let seeded = release.as_ref().is_none_or(Release::is_there);
            return match check {
                None if running == 0 => Self::Down,
                Some(check) if running == services.len() && seeded && check.is_proven() => Self::Up,
                _ => Self::Partial,
            };
        };
        // What the routes lead to may come later.
        let proven = check.as_ref().is_some_and(|check| check.wrong == 0);
        let addressed = metallb.as_ref().is_none_or(|metallb| metallb.healthy);
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
            State::Down => return page.folded(Style::Warn, 0, self.idle),
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
