//! `daemon`: what the program does in the background; started by itself alone.

use crate::context::Context;
use crate::daemon;
use crate::engine::embedded::RouterService;
use crate::forge::ForgeService;
use crate::stand_in::StandIn;
use crate::watch::WatchService;

/// Serve in the background
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(value_enum)]
    kind: Kind,
    /// Name of the lock, the socket and the log
    #[arg(long)]
    name: String,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    Forge,
    Router,
    StandIn,
    Watch,
}

impl Args {
    /// Serves until it is told to stop.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self.kind {
            Kind::Forge => daemon::serve::<ForgeService>(cx, &self.name),
            Kind::Router => daemon::serve::<RouterService>(cx, &self.name),
            Kind::StandIn => daemon::serve::<StandIn>(cx, &self.name),
            Kind::Watch => daemon::serve::<WatchService>(cx, &self.name),
        }
    }
}
