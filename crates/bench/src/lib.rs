//! Measures layer-4 TLS routers against each other and against no router.
//!
//! Everything runs on loopback. [`Backends`] are the servers behind the
//! routers; a [`Route`] is a host name and the backend meant for it; a
//! [`Target`] is a router that was given all routes, or no router at all.
//! Clients and backends speak a `ClientHello` and plain bytes after it, so the
//! ends cost little and what differs is the router. [`run`] lets the targets
//! take turns within each round, so that noise of the machine hits all alike
//! and the ratio to the direct connection says more than any figure.
//!
//! The crate starts no program. The routers are started by whoever calls it.
//!
//! ```
//! use bench::{Backends, Plan, Route, Target};
//!
//! let backends = Backends::listen(2)?;
//! let routes = Route::spread(&["a.example", "b.example"], &backends)?;
//! let plan = Plan::quick().rounds(1);
//! let report = bench::run(&[Target::direct()], &routes, &backends, &plan, |_| ())?;
//! assert_eq!(report.targets[0].name, "direct");
//! # anyhow::Ok(())
//! ```

mod backend;
mod client_hello;
mod measure;
mod report;
mod resident;
mod round;
mod route;
mod statistics;
mod target;

pub use backend::Backends;
pub use report::{Memory, Report, Series, TargetReport};
pub use round::{Plan, run};
pub use route::Route;
pub use statistics::Summary;
pub use target::Target;
