//! The stages that platforms are made of.

pub mod certificates;
pub mod routes;
pub mod stand_in;

use crate::daemon::Stopped;

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
