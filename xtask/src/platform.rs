//! The stages of the chosen profile, and who may change them.

mod ask;
mod interrupted;
mod kind;
mod local;
mod stages;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;
use crate::lock::Lock;
use crate::profile::Kubernetes;
use crate::stage::Graph;
use crate::state::PRIVATE;

pub use ask::ask;
pub use interrupted::{interrupted, interrupted_down};
pub use stages::routes::LastCheck;
pub use stages::tarball::SAMPLE;

/// How long another call on the same platform is waited for.
const TURN: Duration = Duration::from_mins(1);

/// What a platform may have beside what its profile says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Samples of the services.
    pub samples: bool,
    /// The chart of MetalLB.
    pub chart: Option<PathBuf>,
    /// The release to seed, in place of the sample.
    pub tarball: Option<PathBuf>,
}

/// The stages of the chosen profile.
pub fn graph(cx: &Context, options: &Options) -> anyhow::Result<(Graph, LastCheck)> {
    let profile = cx.profile()?;
    let name = &profile.name;
    match profile.kubernetes {
        Kubernetes::None if options.samples || options.chart.is_some() => {
            let message = format!("profile `{name}` has no cluster, and stand-ins for all services anyway");
            Err(Failure::usage(message).help("leave out `--with-samples` and `--chart`").into())
        }
        Kubernetes::None => local::graph(cx, options),
        Kubernetes::Kind if options.tarball.is_some() => {
            let message = format!("profile `{name}` is brought up without a Git server so far");
            let help = "leave out `--tarball`, and put it there with `cargo xtask gitea seed`";
            Err(Failure::usage(message).help(help).into())
        }
        Kubernetes::Kind => kind::graph(cx, options),
        Kubernetes::Rke2 | Kubernetes::Eks => {
            Err(Failure::failed(format!("this version cannot bring profile `{name}` up or down"))
                .help("choose a profile that it can: `--profile local` or `--profile coder`")
                .into())
        }
    }
}

/// Fails when the call names a cluster and the platform makes its own: what is
/// made for the one would come into the other.
pub fn refuse_other_cluster(cx: &Context) -> anyhow::Result<()> {
    let profile = cx.profile()?;
    if !cx.names_cluster() || profile.kubernetes != Kubernetes::Kind {
        return Ok(());
    }
    let message = format!("this makes the cluster of profile `{}`, and works in no other", profile.name);
    Err(Failure::usage(message).help("leave out `--context` and `--kubeconfig`").into())
}

/// All stages that the profile's platform may have, to take it down.
pub fn whole(cx: &Context) -> anyhow::Result<Graph> {
    let graph = match cx.profile()?.kubernetes {
        Kubernetes::Kind => kind::graph(cx, &Options { samples: true, ..Options::default() }),
        _ => graph(cx, &Options::default()),
    };
    graph.map(|(graph, _)| graph)
}

/// Waits until no other call changes this profile's platform, and keeps others
/// from it to the end of this one. Taken once in a call.
pub fn take_turn(cx: &Context) -> anyhow::Result<()> {
    if cx.dry_run || cx.turn.get().is_some() {
        return Ok(());
    }
    let root = cx.state_root();
    DirBuilder::new().recursive(true).mode(PRIVATE).create(&root).with_context(|| {
        Failure::missing(format!("cannot create the state directory `{}`", root.display()))
            .help("make the workspace writable and see that its disk is not full")
    })?;
    let deadline = cx.deadline.or(TURN);
    let path = root.join(format!("{}.lock", cx.choice.name));
    let turn = Lock::acquire(&path, deadline, &cx.interrupt, |holder| {
        cx.reporter.note(&format!("waiting for process {holder}, which works on this platform too"));
    })?;
    // Where the disk is full we can still clean up, if namelessly.
    let _ = turn.sign();
    cx.turn.get_or_init(|| turn);
    Ok(())
}
