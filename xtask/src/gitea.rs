//! Gitea: how it is reached and trusted, its API, its accounts.
//!
//! Passwords and tokens are erased when they are dropped, and neither shown
//! nor written anywhere but into the cluster's secrets; what the HTTP client
//! and the connection to the cluster had of them is beyond our reach.

mod access;
pub mod accounts;
mod answer;
mod argo;
mod client;
mod credentials;
mod flags;
mod password;
mod reach;
mod remote;
mod repositories;
mod secret;
mod tokens;
mod users;

use std::time::Duration;

pub use access::{Server, open};
pub use argo::Argo;
pub use client::Client;
pub use credentials::Credentials;
pub use flags::{ServerArgs, Via};
pub use remote::Remote;
pub use repositories::Branch;
pub use secret::owner;
pub use tokens::PushToken;

/// How long a question to Gitea and the cluster may take, when `--timeout` says nothing.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// What is waited for then.
pub const ANSWER: &str = "Gitea's answer";
