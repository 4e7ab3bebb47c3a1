//! Which cluster, and as whom.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Error, Seen, Wanted};

/// How a cluster is found. Names files, and holds no secret itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The files that make up the kubeconfig; they are merged as kubectl does,
    /// and those that do not exist are passed over.
    pub files: Vec<PathBuf>,
    /// The context to use; `None`: the current one.
    pub context: Option<String>,
    /// This process runs in a pod: where no file exists, its service account is taken.
    pub in_cluster: bool,
}

/// A cluster that can be asked.
#[derive(Clone)]
pub struct Cluster {
    client: kube::Client,
    /// The address of its API, for people.
    server: String,
    /// The context it was chosen by; `None` in a pod.
    context: Option<String>,
}

impl Cluster {
    /// Reads the configuration; sends nothing yet.
    pub async fn open(access: &Access) -> Result<Self, Error> {
        let _ = access;
        todo!()
    }

    /// The address of its API.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The context it was chosen by; `None` in a pod.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// Watches all that is wanted, side by side, until the receiver is dropped.
    /// Needs a tokio runtime.
    pub fn watch(&self, wanted: &Wanted) -> tokio::sync::watch::Receiver<Seen> {
        let _ = (&self.client, wanted);
        todo!()
    }
}
