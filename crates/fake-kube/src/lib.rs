//! A Kubernetes API with scripted faults, for tests.
//!
//! It keeps objects of the kinds this project uses, lets them be read and
//! watched as a real API server does, and goes wrong when told to.
//!
//! ```
//! use fake_kube::{FakeKube, Fault};
//! use serde_json::json;
//!
//! let kube = FakeKube::start();
//! kube.apply(&json!({
//!     "apiVersion": "v1",
//!     "kind": "ConfigMap",
//!     "metadata": { "namespace": "default", "name": "colours" },
//!     "data": { "sky": "blue" },
//! }));
//! let url = format!("{}/api/v1/namespaces/default/configmaps/colours", kube.url());
//! let found = ureq::get(&url).call()?.body_mut().read_to_string()?;
//! assert!(found.contains("blue"));
//!
//! kube.faults().push(Fault::status(503).kind("ConfigMap").times(1));
//! assert!(matches!(ureq::get(&url).call(), Err(ureq::Error::StatusCode(503))));
//! assert!(ureq::get(&url).call().is_ok());
//! assert_eq!(kube.requests().len(), 3);
//! # Ok::<(), ureq::Error>(())
//! ```

mod answer;
mod api;
mod apply;
mod discovery;
mod failure;
mod fault;
mod fields;
mod forward;
mod kube;
mod kubeconfig;
pub mod objects;
mod options;
mod read;
mod request;
mod resource;
mod selector;
mod server;
mod state;
mod store;
mod watch;
mod write;

pub use fault::{Fault, Faults};
pub use kube::FakeKube;
pub use options::{Options, Tls};
pub use request::{Request, Verb};
