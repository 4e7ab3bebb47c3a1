//! The daemon's side of the embedded engine.

use std::io;
use std::net::TcpListener;
use std::sync::{Arc, RwLock};
use std::time::Instant;

use anyhow::Context as _;
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::Value;
use sni_router::{Listener, Router, Settings};

use super::{Config, ListenerConfig, RouterStatus};
use crate::context::Context;
use crate::daemon::{Log, Service, Verb};
use crate::engine::bind::{cannot_bind, other_port};
use crate::failure::Failure;

/// The router as a daemon's service; empty once it has been stopped.
pub struct RouterService(RwLock<Option<Router>>);

impl Service for RouterService {
    type Config = Config;

    fn start(_: &Context, config: Config, log: &Log) -> anyhow::Result<Self> {
        raise_file_limit(log);
        let mut listeners = Vec::new();
        for listener in &config.listeners {
            let socket = bind(listener)?;
            listeners.push(Listener { entry_point: listener.entry_point, socket });
        }
        let events = log.clone();
        let router = Router::start(
            listeners,
            config.table,
            Settings::default(),
            Arc::new(move |event| events.event(&event)),
        );
        let router = router.context(Failure::failed("the router cannot start"))?;
        Ok(Self(RwLock::new(Some(router))))
    }

    fn status(&self) -> anyhow::Result<Value> {
        let status =
            self.with(|router| Ok(RouterStatus { table: router.table(), counters: router.snapshot() }))?;
        serde_json::to_value(status).context("cannot write the status")
    }

    fn handle(&self, verb: Verb) -> anyhow::Result<Value> {
        let Verb::Apply { table } = verb else { anyhow::bail!("a router cannot do that") };
        let refused =
            || Failure::usage("the router refuses the table").help("give the route another `--backend`");
        self.with(|router| router.apply(table).map(Value::Bool).with_context(refused))
    }

    fn stop(&self, deadline: Instant) {
        let router = self.0.write().ok().and_then(|mut router| router.take());
        if let Some(router) = router {
            router.drain(deadline);
        }
    }
}

impl RouterService {
    fn with<T>(&self, ask: impl FnOnce(&Router) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let router = self.0.read().ok();
        let router = router.as_ref().and_then(|router| router.as_ref());
        ask(router.context("the router is stopping")?)
    }
}

/// Every connection takes two descriptors; the soft limit is often 1,024.
fn raise_file_limit(log: &Log) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        // The router bounds its connections by whatever the limit is.
        log.event(&serde_json::json!({ "event": "file_limit_kept", "error": error.to_string() }));
    }
}

/// Binds a listener as the router does; what is in the way is the error.
pub fn bind(listener: &ListenerConfig) -> anyhow::Result<TcpListener> {
    let (mut address, other) = (listener.address, other_port(listener.entry_point));
    if let Some(port) = listener.preferred {
        address.set_port(port);
        match sni_router::bind(address) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => address.set_port(0),
            bound => return bound.with_context(|| cannot_bind(address, other, None)),
        }
    }
    sni_router::bind(address).map_err(|error| {
        let failure = cannot_bind(address, other, Some(error.kind()));
        anyhow::Error::new(error).context(failure)
    })
}
