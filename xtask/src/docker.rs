//! Asks Docker.

mod endpoint;
pub mod files;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bollard::query_parameters::LogsOptions;
use bollard::{API_DEFAULT_VERSION, Docker as Client};
use futures_util::TryStreamExt as _;

use crate::context::Context;
use crate::failure::Failure;
use crate::printable::printable;
use endpoint::Transport;

pub use endpoint::Endpoint;

/// How long Docker may take for an answer, when `--timeout` says nothing.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How long after a program was ended a container that it had asked for may
/// still come.
pub const LATE: Duration = Duration::from_secs(1);
/// How long one request may take, in seconds: longer than any limit of ours.
const REQUEST: u64 = 24 * 60 * 60;

/// A Docker daemon that accepts connections.
#[derive(Clone, Debug)]
pub struct Docker {
    endpoint: Endpoint,
}

impl Docker {
    /// The daemon that Docker's own client would take.
    pub fn find(cx: &Context) -> anyhow::Result<Self> {
        let endpoint = Endpoint::find(cx)?;
        endpoint.reach()?;
        Ok(Self { endpoint })
    }

    /// Its address.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Runs requests until they are answered, `limit` has passed or the user
    /// interrupts; `what` is said to have been waited for.
    pub fn ask<T>(
        &self,
        cx: &Context,
        limit: Instant,
        what: &str,
        requests: impl AsyncFnOnce(Client) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        cx.block_on(limit, what, async { requests(self.client().await?).await })?
    }

    /// The same, within `patience` and whatever the user or the time limit of
    /// the call says: to clean up.
    pub fn ask_at_last<T>(
        &self,
        patience: Duration,
        requests: impl AsyncFnOnce(Client) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context("cannot start an I/O runtime")?;
        let asked =
            async { tokio::time::timeout(patience, async { requests(self.client().await?).await }).await };
        runtime.block_on(asked).with_context(|| format!("Docker at `{}` takes too long", self.endpoint))?
    }

    /// A client, made anew in each runtime: it speaks the daemon's version.
    async fn client(&self) -> anyhow::Result<Client> {
        let client = match self.endpoint.transport()? {
            Transport::Unix(path) => Client::connect_with_unix(path, REQUEST, API_DEFAULT_VERSION),
            Transport::Tcp(address) => Client::connect_with_http(address, REQUEST, API_DEFAULT_VERSION),
        };
        let cannot = || {
            Failure::missing(format!("Docker does not answer as it should at `{}`", self.endpoint))
                .help("look at `docker version`")
        };
        client.with_context(cannot)?.negotiate_version().await.with_context(cannot)
    }
}

/// Whether Docker says that there is no such thing.
pub fn is_absent(error: &bollard::errors::Error) -> bool {
    matches!(error, bollard::errors::Error::DockerResponseServerError { status_code: 404, .. })
}

/// A filter of Docker's lists: any of `values` for `key`.
pub fn filter(key: &str, values: impl IntoIterator<Item = String>) -> HashMap<String, Vec<String>> {
    HashMap::from([(key.to_owned(), values.into_iter().collect())])
}

/// The last `lines` of what a container printed, safe to print.
pub async fn last_words(
    client: &Client,
    container: &str,
    lines: usize,
) -> Result<Vec<String>, bollard::errors::Error> {
    let options = LogsOptions { stdout: true, stderr: true, tail: lines.to_string(), ..Default::default() };
    let chunks = client.logs(container, Some(options)).map_ok(|chunk| chunk.to_string());
    let said: Vec<String> = chunks.try_collect().await?;
    Ok(said.concat().lines().map(printable).collect())
}
