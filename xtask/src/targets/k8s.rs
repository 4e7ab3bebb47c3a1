//! `k8s`: what the cluster has, and waiting for it.

mod node_ports;
mod services;
mod wait;

use clap::Subcommand;
use cluster::Port;

use crate::context::Context;
use crate::failure::Failure;
use crate::profile::{Kubernetes, Profile};

/// Look into the cluster, and wait for what is in it
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Services(services::Args),
    #[command(name = "nodeports")]
    NodePorts(node_ports::Args),
    Wait(wait::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self.verb {
            Verb::Services(args) => args.run(cx),
            Verb::NodePorts(args) => args.run(cx),
            Verb::Wait(args) => args.run(cx),
        }
    }
}

/// The profile, which must be one with a cluster.
fn profile_with_cluster(cx: &Context) -> anyhow::Result<&Profile> {
    let profile = cx.profile()?;
    if profile.kubernetes == Kubernetes::None {
        let message = format!("profile `{}` has no cluster", profile.name);
        return Err(Failure::usage(message).help("choose one that has: `--profile coder`").into());
    }
    Ok(profile)
}

/// `443:32443/TCP,80/TCP`: each port, its node port where there is one, and the protocol.
fn ports(ports: &[Port]) -> String {
    let one = |Port { port, node_port, protocol, .. }: &Port| match node_port {
        Some(node_port) => format!("{port}:{node_port}/{protocol}"),
        None => format!("{port}/{protocol}"),
    };
    ports.iter().map(one).collect::<Vec<_>>().join(",")
}
