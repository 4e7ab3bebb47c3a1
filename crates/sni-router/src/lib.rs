//! The embedded layer-4 router: TLS pass-through by SNI.
//!
//! A [`Router`] reads the first message of a TLS client, looks the host it
//! names up in a [`RoutingTable`](routing::RoutingTable), and connects the
//! client with the backend found there. It terminates nothing: every byte is
//! forwarded as it came.
//!
//! - One deadline covers the whole hello; what is no acceptable hello, see
//!   [`hello::HelloError`], is closed without an answer and counted.
//! - Either side may end while the other goes on, for as long as bytes move;
//!   a reset is passed on as a reset.
//! - At the limit of connections, or without file descriptors, accepting
//!   pauses and clients wait in the kernel's backlog; nobody is cut.
//! - [`Router::apply`] swaps the table and leaves open connections alone.
//!
//! The process must ignore `SIGPIPE`, as Rust programs do unless told
//! otherwise: splicing to a peer that is gone raises it.
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
