//! Which cluster, and as whom.

use std::path::PathBuf;
use std::time::Duration;

use kube::client::{AuthError, ClientBuilder};
use kube::{Client, Config};
use serde::{Deserialize, Serialize};

use crate::kubeconfig::{self, wrong};
use crate::{Error, Proxies, Seen, Wanted, fault, watch};

/// How long a connection may take to be made, TLS and the way through a proxy included.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How a cluster is found. Names files; the one part that may hold a secret is
/// neither serialized nor compared.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Access {
    /// The files that make up the kubeconfig; they are merged as kubectl does,
    /// and those that do not exist are passed over.
    pub files: Vec<PathBuf>,
    /// The context to use; `None`: the current one.
    pub context: Option<String>,
    /// This process runs in a pod: where no file exists, its service account is taken.
    pub in_cluster: bool,
    /// For a kubeconfig without a `proxy-url`. Every process has its own.
    #[serde(skip)]
    pub proxies: Proxies,
}

impl PartialEq for Access {
    fn eq(&self, other: &Self) -> bool {
        let Self { files, context, in_cluster, proxies: _ } = self;
        (files, context, in_cluster) == (&other.files, &other.context, &other.in_cluster)
    }
}

impl Eq for Access {}

/// A cluster that can be asked.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    /// The address of its API, for people.
    server: String,
    /// The context it was chosen by; `None` in a pod.
    context: Option<String>,
}

impl Cluster {
    /// Reads the configuration; sends nothing yet.
    ///
    /// A credentials plug-in that the kubeconfig names is run by kube, which
    /// does not bound its time. The proxy is the kubeconfig's `proxy-url`, else
    /// that of [`Access::proxies`]; this machine itself is always reached
    /// directly, as is a pod's cluster from the pod. TLS is rustls with the process's default provider;
    /// where none is installed, rustls installs ring, the one it is built with.
    ///
    /// Needs a tokio runtime. [`Error::Configuration`] says what is missing or wrong.
    pub async fn open(access: &Access) -> Result<Self, Error> {
        let access = access.clone();
        // Files are read and a plug-in is waited for, both of which block.
        let opening = tokio::task::spawn_blocking(move || Self::open_blocking(&access));
        opening.await.unwrap_or_else(|_| Err(wrong("reading the kubeconfig was broken off", "try again")))
    }

    fn open_blocking(access: &Access) -> Result<Self, Error> {
        let (mut config, context) = match kubeconfig::read(&access.files)? {
            Some(kubeconfig) => {
                let (config, context) =
                    kubeconfig::choose(kubeconfig, access.context.as_deref(), &access.proxies)?;
                (config, Some(context))
            }
            None if access.in_cluster => (service_account()?, None),
            None => return Err(no_kubeconfig(&access.files)),
        };
        config.connect_timeout = Some(CONNECT_LIMIT);
        // Whoever asks tells of the trouble and tries again; hidden retries would keep it back.
        config.default_retry = false;
        let server = address(&config);
        let client = ClientBuilder::try_from(config).map_err(|error| unusable(&error))?.build();
        Ok(Self { client, server, context })
    }

    /// The address of its API.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The context it was chosen by; `None` in a pod.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// The namespace that is meant where none is named: the context's, else `default`.
    pub fn namespace(&self) -> &str {
        self.client.default_namespace()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Watches all that is wanted, side by side, until the receiver is dropped.
    /// Needs a tokio runtime.
    ///
    /// An object that the cluster does not tell about has its `trouble` within
    /// ten seconds, and is asked for again after a jittered pause of 0.1 s to 15 s.
    /// Meanwhile what was seen last stays. The names of load balancers are
    /// looked up anew every 30 s.
    pub fn watch(&self, wanted: &Wanted) -> tokio::sync::watch::Receiver<Seen> {
        watch::start(self, wanted)
    }
}

/// The address without what a person may have put before the host.
fn address(config: &Config) -> String {
    let url = &config.cluster_url;
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let scheme = url.scheme_str().unwrap_or("https");
    format!("{scheme}://{host}{}", url.path().trim_end_matches('/'))
}

fn service_account() -> Result<Config, Error> {
    Config::incluster().map_err(|error| {
        wrong(
            format!("there is no kubeconfig, and the pod has no service account: {error}"),
            "set KUBECONFIG, give --kubeconfig, or let the pod mount its token (`automountServiceAccountToken`)",
        )
    })
}

fn no_kubeconfig(files: &[PathBuf]) -> Error {
    let names: Vec<_> = files.iter().map(|file| format!("`{}`", file.display())).collect();
    let looked = if names.is_empty() { String::new() } else { format!("; looked for {}", names.join(", ")) };
    wrong("there is no kubeconfig", format!("set KUBECONFIG or give --kubeconfig{looked}"))
}

fn unusable(error: &kube::Error) -> Error {
    if let Some(error) = fault::find::<AuthError>(error) {
        return fault::credentials(error);
    }
    match error {
        kube::Error::InferKubeconfig(error) => kubeconfig::unusable(error),
        kube::Error::RustlsTls(error) => {
            wrong(format!("the kubeconfig's certificates cannot be used: {error}"), kubeconfig::fresh())
        }
        kube::Error::ProxyProtocolUnsupported { .. } | kube::Error::ProxyProtocolDisabled { .. } => wrong(
            "the proxy to the cluster is not an http:// or https:// one",
            "correct `proxy-url` in the kubeconfig, or HTTPS_PROXY; NO_PROXY names what is reached without",
        ),
        _ => wrong("the kubeconfig cannot be used", kubeconfig::fresh()),
    }
}
