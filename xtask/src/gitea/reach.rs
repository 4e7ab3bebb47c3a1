//! The way to a Gitea in a cluster.

mod port_forward;

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use cluster::{Cluster, Last, NoPod, ObjectName, Observed, PodPort, Seen, Service, Wanted};
use tokio::net::TcpStream;
use tokio::time::timeout;

use self::port_forward::PortForward;
use super::Via;
use crate::context::Context;
use crate::discovery::failure;
use crate::failure::Failure;
use crate::profile::ServiceRef;

/// How long a load balancer may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// The way to Gitea.
pub enum Reach {
    /// By its load balancer.
    LoadBalancer(SocketAddr),
    /// Through the cluster's API; it ends when this is dropped.
    PortForward(PortForward),
    /// As the URL says.
    Url,
}

/// Why Gitea cannot be reached, and may be later: it has not been installed, or
/// is about to run.
#[derive(Clone, Debug)]
pub struct NotThere(pub String);

enum Way {
    LoadBalancer(SocketAddr),
    Pod(PodPort),
}

impl Reach {
    /// Looks for the way in the cluster. What keeps us from looking is an
    /// error, and so is what will not pass by itself.
    pub async fn find(
        cx: &Context,
        at: &ServiceRef,
        via: Option<Via>,
    ) -> anyhow::Result<Result<Self, NotThere>> {
        let cluster = Cluster::open(cx.access()).await.map_err(|error| failure(&error))?;
        match way(&cluster, at, via).await? {
            Err(not_there) => Ok(Err(not_there)),
            Ok(Way::LoadBalancer(address)) => Ok(Ok(Self::LoadBalancer(address))),
            Ok(Way::Pod(pod)) => {
                let forward = PortForward::start(cx.access(), pod).await?;
                Ok(Ok(Self::PortForward(forward)))
            }
        }
    }

    /// Where to connect, whatever the server's name stands for.
    pub fn place(&self) -> Option<SocketAddr> {
        match self {
            Self::LoadBalancer(address) => Some(*address),
            Self::PortForward(forward) => Some(forward.address()),
            Self::Url => None,
        }
    }

    /// What went wrong on the way, if that is known.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::PortForward(forward) => forward.trouble(),
            Self::LoadBalancer(_) | Self::Url => None,
        }
    }
}

async fn way(cluster: &Cluster, at: &ServiceRef, via: Option<Via>) -> anyhow::Result<Result<Way, NotThere>> {
    let name = at.object();
    let Some(service) = look(cluster, &name).await? else {
        return Ok(Err(NotThere(NoPod::NoService(name).to_string())));
    };
    if via != Some(Via::PortForward) {
        match balancer(&service, &name, at).await {
            Ok(address) => return Ok(Ok(Way::LoadBalancer(address))),
            Err(why) if via == Some(Via::LoadBalancer) => {
                let help = "leave `--via` away: a port-forward needs no load balancer";
                return Err(Failure::missing(why).help(help).into());
            }
            Err(_) => {}
        }
    }
    match cluster.pod_behind(&name, at.port).await.map_err(|error| failure(&error))? {
        Ok(pod) => Ok(Ok(Way::Pod(pod))),
        Err(no_pod @ NoPod::NoPort(..)) => {
            let help =
                "correct `gitea.service` in the profile; `kubectl get services --all-namespaces` tells";
            Err(Failure::missing(no_pod.to_string()).help(help).into())
        }
        Err(no_pod) => Ok(Err(NotThere(no_pod.to_string()))),
    }
}

/// The service with the names of its load balancer looked up; `None` if there is none.
async fn look(cluster: &Cluster, name: &ObjectName) -> anyhow::Result<Option<Service>> {
    let wanted = Wanted { services: vec![name.clone()], host_list: None };
    let mut seen = cluster.watch(&wanted);
    let seen = seen.wait_for(Seen::is_complete).await.context("the watch ended by itself")?;
    match seen.services.get(name) {
        Some(Observed { trouble: Some(error), .. }) => Err(failure(error)),
        Some(Observed { last: Last::There(service), .. }) => Ok(Some(service.clone())),
        _ => Ok(None),
    }
}

/// Where the load balancer takes connections; else why not.
async fn balancer(service: &Service, name: &ObjectName, at: &ServiceRef) -> Result<SocketAddr, String> {
    let backend = service.backend(at.port);
    let address = backend.map_err(|why| format!("service `{name}` cannot be used yet: {why}"))?.address();
    let refused = |why: &str| format!("the load balancer of service `{name}` at {address} {why}");
    match timeout(CONNECT, TcpStream::connect(address)).await {
        Ok(Ok(_)) => Ok(address),
        Ok(Err(error)) => Err(refused(&format!("takes no connections: {error}"))),
        Err(_) => Err(refused("does not answer")),
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoadBalancer(address) => write!(f, "load balancer at {address}"),
            Self::PortForward(forward) => write!(f, "port-forward to {forward}"),
            Self::Url => f.write_str("its address"),
        }
    }
}
