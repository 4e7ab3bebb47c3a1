//! Finds, watches and waits for what runs in a Kubernetes cluster, and makes objects in it.
//!
//! Everything that is asked is asked side by side and by watch. What is seen
//! is one of four answers, kept apart: the cluster cannot be reached, it does
//! not let us look ([`Error`]), the object is [absent](Last::Absent), or it is
//! there and [not ready yet](NotReady).
//!
//! ```no_run
//! use cluster::{Access, Cluster, ObjectName, Wanted};
//!
//! # async fn example() -> Result<(), cluster::Error> {
//! let access = Access { files: vec!["/home/me/.kube/config".into()], ..Access::default() };
//! let cluster = Cluster::open(&access).await?;
//! let argo = ObjectName::new("argocd", "argocd-server");
//! let wanted = Wanted { services: vec![argo.clone()], host_list: None };
//! let mut seen = cluster.watch(&wanted);
//! let seen = seen.wait_for(|seen| seen.is_complete()).await.expect("the watch lives as long as its receiver");
//! println!("{:?}", seen.services[&argo]);
//! # Ok(())
//! # }
//! ```
//!
//! An object is [applied](Cluster::apply) in the name of a manager, and what
//! another has set is left to that. A refusal says
//! [whether it may pass](Error::is_transient).
//!
//! The environment is left to the caller but for two things, both kube's: in a
//! pod, where [`Access::in_cluster`] permits it, the address of the API is read
//! from `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`; and the
//! credentials plug-in that a kubeconfig names is started, with the
//! environment of this process.

mod access;
mod action;
mod apply;
mod certificate;
mod convert;
mod error;
mod events;
mod fault;
mod follow;
mod forward;
mod help;
mod hosts;
mod kubeconfig;
mod list;
mod names;
mod object;
mod objects;
mod place;
mod pod;
mod proxy;
mod ready;
mod refusal;
mod resource;
mod secret;
mod seen;
mod service;
mod text;
mod time;
mod wait;
mod watch;

pub use access::{Access, Cluster};
pub use action::Action;
pub use apply::Applied;
pub use error::Error;
pub use events::Warning;
pub use forward::Forward;
pub use hosts::{HostList, HostListRef, Malformed};
pub use list::Listed;
pub use object::ObjectName;
pub use pod::{NoPod, PodPort};
pub use proxy::Proxies;
pub use resource::Resource;
pub use secret::Secret;
pub use seen::{Last, Observed, Seen, Wanted};
pub use service::{Ingress, NotReady, Port, Service, ServiceType};
pub use wait::{Awaited, Condition, Finding, Kind, Standing, State, Until};
