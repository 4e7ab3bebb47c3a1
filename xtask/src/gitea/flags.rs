//! How the server is reached, as it is said on the command line.

use std::path::PathBuf;

use clap::ValueEnum;

/// Flags of all that asks Gitea.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "Server options")]
pub struct ServerArgs {
    /// How Gitea is reached [default: its load balancer if that takes connections, else a port-forward]
    #[arg(long, value_enum, value_name = "WAY", conflicts_with = "url")]
    pub via: Option<Via>,
    /// Gitea at this address, in place of the profile's service
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Certificates that Gitea's is trusted by: its authority's, or its own
    /// [default: the cluster's secret; with `--url`, what this machine trusts]
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// File with a token, in place of the password of the cluster's secret
    #[arg(long, value_name = "FILE", conflicts_with = "password_file")]
    pub token_file: Option<PathBuf>,
    /// File with the account's password, in place of that of the cluster's secret
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// How Gitea is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Via {
    /// By the address of its service's load balancer.
    LoadBalancer,
    /// Through the cluster's API, to a ready pod.
    PortForward,
}
