//! The stages that platforms are made of.

pub mod certificates;
pub mod clone;
pub mod cluster;
pub mod forge;
pub mod metallb;
pub mod namespaces;
pub mod router;
pub mod routes;
pub mod samples;
pub mod seed;
pub mod stand_in;
pub mod tarball;

use crate::daemon::Stopped;

/// Name of the stage of the cluster.
pub const KIND: &str = "kind";
/// Name of the stage of what gives load balancers their addresses.
pub const METALLB: &str = "metallb";
/// Name of the stage of the namespaces.
pub const NAMESPACES: &str = "namespaces";
/// Name of the stage of the router, whatever its engine.
pub const ROUTER: &str = "router";

/// What a daemon's end looks like to the user.
pub fn told(stopped: Stopped) -> Option<String> {
    match stopped {
        Stopped::Already => None,
        Stopped::Ended => Some("stopped".to_owned()),
        Stopped::Killed => Some("killed, because it did not answer".to_owned()),
    }
}
