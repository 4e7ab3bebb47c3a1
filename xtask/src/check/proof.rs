//! One real handshake for each route: whether it is active, and whether its
//! backend answers.

use std::time::{Duration, Instant};

use routing::{Backend, EntryPoint, Route, RoutingTable};
use serde::Serialize;
use tokio::task::JoinSet;

use super::{Client, PATIENCE, Row};
use crate::context::Context;
use crate::engine::Serving;
use crate::failure::Failure;
use crate::probe::Prober;

/// How long a route that is not as it should be is tried again: a router that
/// has just been told needs a moment. Longer than a handshake may take, so that
/// one that was late is made again.
const SETTLE: Duration = HANDSHAKE.saturating_add(Duration::from_secs(1));
/// How long one handshake may take: the backends are near, and the machine may
/// have much to do.
const HANDSHAKE: Duration = Duration::from_secs(2);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// How long `--wait` waits for backends, when `--timeout` says nothing.
const WAIT: Duration = Duration::from_mins(10);
/// Beyond the deadline, for handshakes that have begun.
const SPARE: Duration = Duration::from_secs(3);
/// Between two tries while a service is waited for.
const WAITING: Duration = Duration::from_millis(500);

/// What a handshake through a route showed.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// The route's name.
    pub route: String,
    /// Where the client came in.
    pub entry_point: EntryPoint,
    /// Where the route leads, if that is known.
    pub backend: Option<Backend>,
    /// What became of it.
    pub outcome: Outcome,
    /// The certificate's subject, `closed`, or an error.
    pub seen: String,
    /// What the backend shows when asked directly, where that differs.
    pub expected: Option<String>,
}

/// What became of a handshake through a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The client reached the backend.
    Proven,
    /// The route has no backend, and the client was turned away.
    Absent,
    /// The backend does not shake hands, with us either.
    Silent,
    /// The client did not reach a backend that answers, or was not turned away.
    Wrong,
}

/// Tries every route of a router that has just started or changed. With
/// `wait`, backends that are silent are given until the call's deadline; when
/// that has passed it fails, and names them.
pub fn prove(cx: &Context, serving: &Serving, wait: bool) -> anyhow::Result<Vec<Proof>> {
    let deadline = cx.deadline.or(if wait { WAIT } else { PATIENCE });
    for route in serving.table.routes() {
        if client(&serving.table, route)?.is_none() {
            let name = &route.name;
            cx.reporter.warn(&format!("no client comes to route `{name}`: others take all of its hosts"));
        }
    }
    let settled = Instant::now() + SETTLE;
    let tries = async {
        let prober = Prober::new(HANDSHAKE)?;
        loop {
            let proofs = try_all(&prober, serving).await?;
            let any = |outcome| proofs.iter().any(|proof| proof.outcome == outcome);
            let pause = if any(Outcome::Wrong) && Instant::now() < settled {
                PAUSE
            } else if wait && any(Outcome::Silent) {
                WAITING
            } else {
                return Ok(proofs);
            };
            if wait && Instant::now() + pause >= deadline {
                return Err(silent(&proofs).into());
            }
            tokio::time::sleep(pause).await;
        }
    };
    // The last round of handshakes ends by its own limit.
    cx.block_on(deadline + SPARE, "the handshakes", tries)?
}

/// The time was up before these answered.
fn silent(proofs: &[Proof]) -> Failure {
    let silent: Vec<String> = proofs.iter().filter_map(|proof| proof.describe(None)).collect();
    let message = format!("the time was up while waiting for every backend to answer: {}", silent.join("; "));
    Failure::timed_out(message).help("the router serves; give the services more time with `--timeout`")
}

async fn try_all(prober: &Prober, serving: &Serving) -> anyhow::Result<Vec<Proof>> {
    let mut tries = JoinSet::new();
    for (position, route) in serving.table.routes().iter().enumerate() {
        let Some(&address) = serving.listeners.get(&route.entry_point) else { continue };
        let Some(client) = client(&serving.table, route)? else { continue };
        let (prober, table) = (prober.clone(), serving.table.clone());
        let entry_point = route.entry_point;
        tries.spawn(
            async move { (position, Row::probe(&prober, &table, entry_point, address, client).await) },
        );
    }
    let mut rows = tries.join_all().await;
    rows.sort_by_key(|(position, _)| *position);
    let routes = serving.table.routes();
    Ok(rows.into_iter().map(|(position, row)| Proof::new(&routes[position], row)).collect())
}

/// A client that this route takes; `None` if others of higher priority take
/// all that it names.
fn client(table: &RoutingTable, route: &Route) -> anyhow::Result<Option<Client>> {
    for host in &route.hosts {
        let client = Client::of(host)?;
        let taker = table.find(route.entry_point, client.sni());
        if taker.is_some_and(|taker| taker.name == route.name) {
            return Ok(Some(client));
        }
    }
    Ok(None)
}

impl Proof {
    fn new(route: &Route, row: Row) -> Self {
        let outcome = match (row.right, row.backend) {
            (true, None) => Outcome::Absent,
            (true, Some(_)) => Outcome::Proven,
            (false, Some(_)) if !row.backend_answers => Outcome::Silent,
            (false, _) => Outcome::Wrong,
        };
        Self {
            route: route.name.clone(),
            entry_point: route.entry_point,
            backend: row.backend,
            outcome,
            seen: row.seen,
            expected: row.expected,
        }
    }

    /// What is wrong with the router, if something is.
    pub fn fault(&self) -> Option<String> {
        let expected = self.expected.as_deref().unwrap_or("closed");
        (self.outcome == Outcome::Wrong)
            .then(|| format!("route `{}` shows {}, and not {expected}", self.route, self.seen))
    }

    /// For people, unless all is well; `why` is why the backend is not known.
    pub fn describe(&self, why: Option<&str>) -> Option<String> {
        let name = &self.route;
        let backend = self.backend.map(|it| it.to_string()).unwrap_or_default();
        match self.outcome {
            Outcome::Proven | Outcome::Wrong => None,
            Outcome::Absent => {
                Some(format!("route `{name}` is absent, so closed: {}", why.unwrap_or("no backend is known")))
            }
            Outcome::Silent => {
                let shown = self.expected.as_deref().unwrap_or(&self.seen);
                Some(format!("route `{name}` is active, but `{backend}` does not shake hands: {shown}"))
            }
        }
    }
}
