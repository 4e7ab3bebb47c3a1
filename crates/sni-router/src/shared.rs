//! What all workers share: the table in force, the counters, the limits.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use routing::{Backend, EntryPoint, HostName, RoutingTable};
use tokio::sync::Semaphore;

use crate::counters::{Counter, Failures, ListenerCounters, RouteCounters};
use crate::event::{Event, Sink};
use crate::reporter::Reporter;
use crate::settings::Settings;
use crate::snapshot::{ListenerSnapshot, RouteSnapshot, Snapshot, Totals};

pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) listeners: Vec<ListenerState>,
    pub(crate) reporter: Reporter,
    /// One permit per connection.
    pub(crate) slots: Arc<Semaphore>,
    live: RwLock<Arc<Live>>,
    /// Of every route name there has been; locked while a table is applied.
    counters: Mutex<BTreeMap<String, Arc<RouteCounters>>>,
    reloads: Counter,
    started: SystemTime,
}

pub(crate) struct ListenerState {
    pub(crate) entry_point: EntryPoint,
    pub(crate) address: SocketAddr,
    pub(crate) counters: ListenerCounters,
}

/// A table and the counters of its routes, by position.
struct Live {
    table: RoutingTable,
    counters: Vec<Arc<RouteCounters>>,
}

/// The route found for a connection.
pub(crate) struct Found {
    pub(crate) counters: Arc<RouteCounters>,
    pub(crate) backend: Option<Backend>,
}

impl Shared {
    pub(crate) fn new(
        settings: Settings,
        listeners: Vec<ListenerState>,
        table: RoutingTable,
        sink: Sink,
    ) -> Self {
        let mut counters = BTreeMap::new();
        let live = Live::new(table, &mut counters);
        Self {
            slots: Arc::new(Semaphore::new(settings.max_connections)),
            settings,
            listeners,
            reporter: Reporter::new(sink),
            live: RwLock::new(Arc::new(live)),
            counters: Mutex::new(counters),
            reloads: Counter::default(),
            started: SystemTime::now(),
        }
    }

    fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn table(&self) -> RoutingTable {
        self.live().table.clone()
    }

    /// Puts `table` in force unless it is already; tells whether it was not.
    pub(crate) fn apply(&self, table: RoutingTable) -> bool {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if self.live().table == table {
            return false;
        }
        let live = Arc::new(Live::new(table, &mut counters));
        let routes = live.table.routes();
        let without_backend = routes.iter().filter(|route| route.backend.is_none()).count();
        let event = Event::Reloaded { routes: routes.len(), without_backend };
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
        self.reloads.add(1);
        drop(counters);
        self.reporter.send(event);
        true
    }

    /// The route that takes a connection.
    pub(crate) fn find(&self, entry_point: EntryPoint, sni: Option<&HostName>) -> Option<Found> {
        let live = self.live.read().unwrap_or_else(PoisonError::into_inner);
        let position = live.table.position(entry_point, sni)?;
        let backend = live.table.routes()[position].backend;
        Some(Found { counters: Arc::clone(&live.counters[position]), backend })
    }

    /// Connections open at present.
    pub(crate) fn active(&self) -> usize {
        self.settings.max_connections - self.slots.available_permits()
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let live = self.live();
        let routes = live.table.routes().iter().zip(&live.counters);
        Snapshot {
            started: self.started.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            reloads: self.reloads.get(),
            active: self.active(),
            max_connections: self.settings.max_connections,
            listeners: self.listeners.iter().map(ListenerState::snapshot).collect(),
            routes: routes.map(|(route, counters)| snapshot_of(route, counters)).collect(),
            totals: self.totals(),
        }
    }

    fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        let mut add = |failures: &Failures| {
            for (reason, count) in failures.snapshot() {
                *totals.failures.entry(reason).or_default() += count;
            }
        };
        for listener in &self.listeners {
            totals.accepted += listener.counters.accepted.get();
            add(&listener.counters.failures);
        }
        for counters in self.counters.lock().unwrap_or_else(PoisonError::into_inner).values() {
            totals.bytes_in += counters.bytes_in.get();
            totals.bytes_out += counters.bytes_out.get();
            add(&counters.failures);
        }
        totals
    }
}

impl Live {
    /// Routes of a name known already go on with its counters.
    fn new(table: RoutingTable, known: &mut BTreeMap<String, Arc<RouteCounters>>) -> Self {
        let counters = table.routes().iter().map(|route| {
            let fresh = || Arc::new(RouteCounters::new(&route.name));
            Arc::clone(known.entry(route.name.clone()).or_insert_with(fresh))
        });
        Self { counters: counters.collect(), table }
    }
}

impl ListenerState {
    pub(crate) fn new(entry_point: EntryPoint, address: SocketAddr) -> Self {
        Self { entry_point, address, counters: ListenerCounters::default() }
    }

    fn snapshot(&self) -> ListenerSnapshot {
        ListenerSnapshot {
            entry_point: self.entry_point,
            address: self.address,
            accepted: self.counters.accepted.get(),
            failures: self.counters.failures.snapshot(),
        }
    }
}

fn snapshot_of(route: &routing::Route, counters: &RouteCounters) -> RouteSnapshot {
    RouteSnapshot {
        name: route.name.clone(),
        entry_point: route.entry_point,
        backend: route.backend,
        accepted: counters.accepted.get(),
        active: counters.active(),
        bytes_in: counters.bytes_in.get(),
        bytes_out: counters.bytes_out.get(),
        failures: counters.failures.snapshot(),
    }
}
