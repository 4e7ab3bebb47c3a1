//! Which host name on which entry point goes to which backend.
//!
//! A [`RoutingTable`] is validated once and read by everything that names a
//! host: the embedded router, the Traefik templates, the `/etc/hosts` lines.
//! The crate is pure: it does no I/O and starts nothing.
//!
//! ```
//! use routing::{EntryPoint, HostName, HostPattern, Route, RoutingTable};
//!
//! let table = RoutingTable::new(vec![
//!     Route {
//!         name: "argo".into(),
//!         entry_point: EntryPoint::Https,
//!         hosts: vec![HostPattern::parse("argo.kind.internal")?],
//!         priority: 20,
//!         backend: Some("172.18.255.20:443".parse()?),
//!     },
//!     Route {
//!         name: "boots".into(),
//!         entry_point: EntryPoint::Https,
//!         hosts: vec![HostPattern::Any],
//!         priority: 5,
//!         backend: None,
//!     },
//! ])?;
//!
//! let argo = HostName::parse("Argo.kind.internal.")?;
//! assert_eq!(table.find(EntryPoint::Https, Some(&argo)).unwrap().name, "argo");
//! assert_eq!(table.find(EntryPoint::Https, None).unwrap().name, "boots");
//! assert!(table.find(EntryPoint::Raw, Some(&argo)).is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod backend;
mod entry_point;
mod host;
mod table;

pub use backend::{Backend, BackendError};
pub use entry_point::{EntryPoint, Listeners};
pub use host::{HostError, HostName, HostPattern};
pub use table::{Route, RoutingTable, TableError};
