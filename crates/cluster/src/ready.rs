//! Whether the cluster's API answers.

use kube::core::Status;

use crate::{Action, Cluster, Error, text};

/// Where an API server says it: `kube-apiserver`'s health endpoints.
const PATH: &str = "/readyz";
/// Longest list of failed checks that is shown, in characters.
const MAX_CHECKS: usize = 300;

impl Cluster {
    /// Whether the API answers and says that it is ready; one that does not
    /// tell us (403) counts as ready. Asks once and fails when there is no
    /// answer within ten seconds.
    pub async fn ready(&self) -> Result<(), Error> {
        let what = format!("`{PATH}`");
        let request = http::Request::get(PATH).body(Vec::new());
        let asking = async {
            match self.client().request_text(request.map_err(kube::Error::HttpError)?).await {
                Err(kube::Error::Api(status)) if status.code == 403 => Ok(Ok(())),
                Err(kube::Error::Api(status)) if status.code >= 500 => Ok(Err(status)),
                answer => answer.map(|_| Ok(())),
            }
        };
        self.answer(&what, asking).await?.map_err(|status| Error::Refused {
            action: Action::Read,
            server: self.server().to_owned(),
            what,
            reason: format!("{} {}", status.code, failed(&status)).trim_end().to_owned(),
        })
    }
}

/// The checks that failed, out of a list with a line for each, else all that is said.
fn failed(status: &Status) -> String {
    let failed: Vec<&str> =
        status.message.lines().filter_map(|line| line.trim().strip_prefix("[-]")).collect();
    let told = if failed.is_empty() { status.message.clone() } else { failed.join(", ") };
    text::line(&told, MAX_CHECKS)
}
