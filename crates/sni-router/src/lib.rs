//! The embedded layer-4 router: TLS pass-through by SNI.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::{Duration, Instant};
//!
//! use routing::{EntryPoint, HostPattern, Route, RoutingTable};
//! use sni_router::{Listener, Router, Settings};
//!
//! let table = RoutingTable::new(vec![Route {
//!     name: "argo".into(),
//!     entry_point: EntryPoint::Https,
//!     hosts: vec![HostPattern::parse("argo.kind.internal")?],
//!     priority: 20,
//!     backend: None,
//! }])?;
//! let socket = sni_router::bind("127.0.0.1:0".parse()?)?;
//! let listener = Listener { entry_point: EntryPoint::Https, socket };
//! let router = Router::start(vec![listener], table, Settings::default(), Arc::new(|_event| {}))?;
//! assert_eq!(router.snapshot().routes[0].accepted, 0);
//! assert!(!router.apply(router.table())?);
//! let drained = router.drain(Instant::now() + Duration::from_secs(1));
//! assert_eq!(drained.cut, 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod hello;

mod accept;
mod connect;
mod connection;
mod counters;
mod event;
mod files;
mod listener;
mod loops;
mod reason;
mod relay;
mod reporter;
mod router;
mod scratch;
mod settings;
mod shared;
mod snapshot;
mod socket;
mod worker;

pub use event::{Event, PauseCause, Sink};
pub use files::connections_within;
pub use listener::{Listener, bind};
pub use loops::ApplyError;
pub use reason::Reason;
pub use router::{Drained, Router, StartError};
pub use settings::{KeepAlive, Settings};
pub use snapshot::{ListenerSnapshot, RouteSnapshot, Snapshot, Totals};
