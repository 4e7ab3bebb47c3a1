//! The routing check: real handshakes through the router, each compared with
//! one straight to the backend that the table names.

mod proof;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use routing::{Backend, EntryPoint, HostName, HostPattern, RoutingTable};
use rustls::pki_types::CertificateDer;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::context::Context;
use crate::engine::Serving;
use crate::probe::{Prober, Seen};

pub use proof::{Outcome, Proof, prove};

/// How long one handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(8);
/// How long all handshakes together may take, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_secs(45);
/// Handshakes under way at one time: so many that those of a profile are all
/// made within the limit where no backend answers.
const AT_ONCE: usize = 64;
/// A name that no table has: `.invalid` is reserved (RFC 2606, section 2).
const UNKNOWN: &str = "unknown.invalid";

/// The result for all hosts.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// One for each host and listener.
    pub rows: Vec<Row>,
    /// How many are not as they should be.
    pub wrong: usize,
    /// Routes whose backend is not known: nothing is proven for them.
    pub absent: Vec<String>,
    /// Routes to different backends that show one certificate, so that a
    /// handshake cannot tell them apart.
    pub alike: Vec<String>,
    /// How long it took.
    pub seconds: f64,
}

/// What was expected and seen for one client.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Where the client came in.
    pub entry_point: EntryPoint,
    /// What the client asked for.
    pub client: Client,
    /// The route that takes it; none: the connection must be closed.
    pub route: Option<String>,
    /// The route's backend; none: the connection must be closed.
    pub backend: Option<Backend>,
    /// The certificate's subject, `closed`, or an error.
    pub seen: String,
    /// What the backend shows when asked directly, where that differs.
    pub expected: Option<String>,
    /// Whether it is as it should be.
    pub right: bool,
    /// For the handshake through the router.
    pub milliseconds: f64,
    /// Whether the backend, asked directly, shakes hands at all.
    #[serde(skip)]
    backend_answers: bool,
    #[serde(skip)]
    certificate: Option<CertificateDer<'static>>,
}

/// A client of the check.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// It asks for this host.
    Host(HostName),
    /// It asks for a host that no route names.
    UnknownHost(HostName),
    /// It asks for no host.
    NoSni,
    /// It does not speak TLS.
    PlainText,
}

impl Check {
    /// Runs the check within the call's time limit, or its own.
    pub fn of(cx: &Context, serving: &Serving) -> anyhow::Result<Self> {
        cx.block_on(cx.deadline.or(PATIENCE), "the handshakes", Self::run(serving))?
    }

    /// Probes every host of the table, an unknown one, none, and plain text,
    /// on every listener.
    async fn run(serving: &Serving) -> anyhow::Result<Self> {
        let began = Instant::now();
        let table = Arc::new(serving.table.clone());
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let prober = Prober::new(HANDSHAKE)?;
        let mut handshakes = JoinSet::new();
        let clients = clients(&table)?;
        for (&entry_point, &address) in &serving.listeners {
            for client in clients.clone() {
                let (prober, table, slots) = (prober.clone(), Arc::clone(&table), Arc::clone(&slots));
                handshakes.spawn(async move {
                    let _slot = slots.acquire().await;
                    Row::probe(&prober, &table, entry_point, address, client).await
                });
            }
        }
        let mut rows = handshakes.join_all().await;
        rows.sort_by(|one, other| (one.entry_point, &one.client).cmp(&(other.entry_point, &other.client)));
        let wrong = rows.iter().filter(|row| !row.right).count();
        let (absent, alike) = (serving.table.without_backend(), alike(&rows));
        Ok(Self { rows, wrong, absent, alike, seconds: began.elapsed().as_secs_f64() })
    }

    /// Whether every host was seen to reach its backend.
    pub fn is_proven(&self) -> bool {
        self.wrong == 0 && self.absent.is_empty()
    }

    /// For people, in one line.
    pub fn summary(&self) -> String {
        let closed = self.rows.iter().filter(|row| row.route.is_some() && row.backend.is_none()).count();
        let right = self.rows.len() - self.wrong - closed;
        let proven = format!("{right} of {} clients as they should be", self.rows.len());
        let absent = || format!("{closed} closed: no backend is known for {}", self.absent.join(", "));
        let alike = || format!("one certificate, so not told apart: {}", self.alike.join(", "));
        let absent = (!self.absent.is_empty()).then(absent);
        let alike = (!self.alike.is_empty()).then(alike);
        [Some(proven), absent, alike].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// The routes that a certificate does not tell from another's.
fn alike(rows: &[Row]) -> Vec<String> {
    let same = |row: &Row, other: &Row| row.backend != other.backend && row.certificate == other.certificate;
    let shown = || rows.iter().filter(|row| row.certificate.is_some());
    let alike = shown().filter(|row| shown().any(|other| same(row, other)));
    let routes: BTreeSet<&String> = alike.filter_map(|row| row.route.as_ref()).collect();
    routes.into_iter().cloned().collect()
}

/// All clients that a table gives reason to try.
fn clients(table: &RoutingTable) -> anyhow::Result<BTreeSet<Client>> {
    let mut clients = BTreeSet::from([Client::NoSni, Client::PlainText]);
    clients.insert(Client::of(&HostPattern::Any)?);
    for host in table.routes().iter().flat_map(|route| &route.hosts) {
        clients.insert(Client::of(host)?);
    }
    Ok(clients)
}

impl Client {
    /// One that such a host gives reason to try.
    fn of(host: &HostPattern) -> anyhow::Result<Self> {
        Ok(match host {
            HostPattern::Exact(name) => Self::Host(name.clone()),
            HostPattern::Wildcard(parent) => {
                let below = HostName::parse(&format!("any.{parent}"));
                Self::Host(below.with_context(|| format!("no name fits below `{parent}`"))?)
            }
            HostPattern::Any => {
                Self::UnknownHost(HostName::parse(UNKNOWN).context("a constant name is valid")?)
            }
        })
    }

    /// The SNI that it sends; `None`: none.
    fn sni(&self) -> Option<&HostName> {
        match self {
            Self::Host(name) | Self::UnknownHost(name) => Some(name),
            Self::NoSni | Self::PlainText => None,
        }
    }

    /// For people.
    pub fn describe(&self) -> String {
        match self {
            Self::Host(name) => name.to_string(),
            Self::UnknownHost(name) => format!("{name} (unknown)"),
            Self::NoSni => "(no SNI)".to_owned(),
            Self::PlainText => "(plain text)".to_owned(),
        }
    }
}

impl Row {
    async fn probe(
        prober: &Prober,
        table: &RoutingTable,
        entry_point: EntryPoint,
        address: SocketAddr,
        client: Client,
    ) -> Self {
        let intruder = client == Client::PlainText;
        let route = table.find(entry_point, client.sni()).filter(|_| !intruder);
        let backend = route.and_then(|route| route.backend);
        let began = Instant::now();
        let through = async {
            let seen = if intruder {
                prober.intrude(address).await
            } else {
                prober.handshake(address, client.sni()).await
            };
            (seen, began.elapsed().as_secs_f64() * 1e3)
        };
        let straight = async {
            match backend {
                Some(backend) => prober.handshake(backend.address(), client.sni()).await,
                None => Seen::Closed,
            }
        };
        let ((seen, milliseconds), expected) = tokio::join!(through, straight);
        // Two ends that fail alike prove nothing.
        let right = seen == expected
            && !matches!(seen, Seen::Other(_))
            && (backend.is_none() || seen != Seen::Closed);
        Self {
            entry_point,
            route: route.map(|route| route.name.clone()),
            backend,
            seen: seen.describe(),
            certificate: seen.certificate(),
            backend_answers: matches!(expected, Seen::Certificate(_)),
            expected: (!right).then(|| expected.describe()),
            right,
            milliseconds,
            client,
        }
    }
}
