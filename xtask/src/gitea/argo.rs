//! Whether Argo CD reads the repository that is seeded.

use cluster::{Cluster, Secret};
use serde::Serialize;
use ureq::http::Uri;

use super::{ServerArgs, access};
use crate::context::Context;
use crate::discovery::failure;
use crate::profile::GiteaProfile;

/// What Argo CD's secrets of repositories carry.
const LABEL: &str = "argocd.argoproj.io/secret-type=repository";

/// Whether Argo CD reads the repository that is seeded.
#[derive(Debug, Serialize)]
pub struct Argo {
    /// `namespace/name` of the secrets that lead it there.
    pub secrets: Vec<String>,
    /// How many others there are in its namespace.
    pub others: usize,
}

impl Argo {
    /// Asks the cluster; `None` where a Gitea outside of one was named.
    pub async fn look(cx: &Context, args: &ServerArgs) -> anyhow::Result<Option<Self>> {
        if args.url.is_some() {
            return Ok(None);
        }
        let (gitea, server) = access::of(cx)?;
        let cluster = Cluster::open(cx.access()).await.map_err(|error| failure(&error))?;
        let found = cluster.secrets(&server.argo, LABEL).await.map_err(|error| failure(&error))?;
        let (ours, others): (Vec<&Secret>, Vec<_>) = found.iter().partition(|secret| leads_to(secret, gitea));
        let name = |secret: &&Secret| {
            format!("{}/{}", server.argo, secret.metadata["name"].as_str().unwrap_or_default())
        };
        Ok(Some(Self { secrets: ours.iter().map(name).collect(), others: others.len() }))
    }
}

fn leads_to(secret: &Secret, gitea: &GiteaProfile) -> bool {
    let url = secret.data.get("url").and_then(|url| std::str::from_utf8(url).ok());
    url.is_some_and(|url| is_repository(url, gitea))
}

/// Whether the address is the repository's inside the cluster: with `.git` or
/// without, as Argo CD itself takes them for the same. The short names that a
/// cluster's resolver completes are others in a certificate.
fn is_repository(url: &str, gitea: &GiteaProfile) -> bool {
    let Ok(uri) = url.trim().parse::<Uri>() else { return false };
    let path = uri.path().trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    uri.scheme_str() == Some("https")
        && uri.host().is_some_and(|host| host.eq_ignore_ascii_case(&gitea.host()))
        && uri.port_u16().unwrap_or(443) == gitea.service.port.get()
        && path.trim_start_matches('/').eq_ignore_ascii_case(&gitea.repository.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    #[test]
    fn the_repository_has_an_address_or_two() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let profile = Profile::load(root, "coder", &[]).unwrap();
        let gitea = profile.gitea().unwrap();
        let host = "https://gitea-http.gitea.svc.cluster.local";
        let path = "argocd/edge-manageability-framework";
        for url in [format!("{host}/{path}"), format!("{host}:443/{path}.git"), format!("{host}/{path}.git/")]
        {
            assert!(is_repository(&url, gitea), "{url}");
        }
        for url in [
            format!("{host}/argocd/other"),
            format!("{host}:3000/{path}"),
            format!("https://elsewhere/{path}"),
            format!("http://gitea-http.gitea.svc.cluster.local/{path}"),
            String::new(),
        ] {
            assert!(!is_repository(&url, gitea), "{url}");
        }
    }
}
