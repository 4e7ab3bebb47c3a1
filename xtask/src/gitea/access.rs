//! The profile's Gitea, as it is reached and trusted.

use anyhow::Context as _;
use cluster::{Cluster, ObjectName};
use ureq::http::Uri;

use super::reach::{NotThere, Reach};
use super::{Client, ServerArgs};
use crate::context::Context;
use crate::discovery::failure;
use crate::failure::Failure;
use crate::https::{self, Tls, Trust};
use crate::profile::{GiteaProfile, GiteaServer};

/// The profile's Gitea.
pub enum Server {
    /// It can be asked.
    There(Box<Client>),
    /// It has not been installed, or does not run yet; the text says why.
    NotThere(String),
}

impl Server {
    /// The client; fails if Gitea is not there.
    pub fn there(self) -> anyhow::Result<Client> {
        match self {
            Self::There(client) => Ok(*client),
            Self::NotThere(why) => Err(Failure::missing(format!("Gitea cannot be reached: {why}"))
                .help("install it, or wait until it runs: `kubectl get pods --all-namespaces` tells")
                .into()),
        }
    }
}

/// Finds the way to the profile's Gitea, and whom to trust there. Sends nothing
/// to it yet.
pub async fn open(cx: &Context, args: &ServerArgs) -> anyhow::Result<Server> {
    let (gitea, server) = of(cx)?;
    if let Some(url) = &args.url {
        let (base, uri) = address(url)?;
        let trust = given(cx, args).unwrap_or(Ok(Trust::System))?;
        let proxy = cx.environment.proxies.to(&uri);
        return client(&trust, proxy.as_ref(), base, Reach::Url);
    }
    let reach = match Reach::find(cx, &gitea.service, args.via).await? {
        Ok(reach) => reach,
        Err(NotThere(why)) => return Ok(Server::NotThere(why)),
    };
    let trust = match given(cx, args) {
        Some(given) => given?,
        None => of_secret(cx, server).await?,
    };
    client(&trust, None, base(gitea), reach)
}

fn client(trust: &Trust, proxy: Option<&Uri>, base: String, reach: Reach) -> anyhow::Result<Server> {
    let tls = Tls::new(trust)?;
    let agent = || https::agent(&tls, reach.place(), proxy);
    let agents = (agent()?, agent()?);
    Ok(Server::There(Box::new(Client::new(agents, base, reach))))
}

/// The certificates that were named.
fn given(cx: &Context, args: &ServerArgs) -> Option<anyhow::Result<Trust>> {
    args.ca.as_ref().map(|path| Trust::of_file(cx, "--ca", path))
}

/// The Gitea of the profile; fails if it has another forge.
pub fn of(cx: &Context) -> anyhow::Result<(&GiteaProfile, &GiteaServer)> {
    let profile = cx.profile()?;
    let gitea = profile.gitea()?;
    let server = gitea.server.as_ref().with_context(|| {
        let message = format!("profile `{}` has no Gitea: its repositories are on disk", profile.name);
        Failure::usage(message).help("choose a profile with one: `--profile coder`")
    })?;
    Ok((gitea, server))
}

/// Its address inside the cluster, by the name that its certificate has.
fn base(gitea: &GiteaProfile) -> String {
    match gitea.service.port.get() {
        443 => format!("https://{}", gitea.host()),
        port => format!("https://{}:{port}", gitea.host()),
    }
}

/// An address that a person gave, without what does not belong there.
fn address(url: &str) -> anyhow::Result<(String, Uri)> {
    let wrong = |why: &str| {
        let help = "give it as `https://HOST`, `https://HOST:PORT`, or with the path that Gitea has there";
        Failure::usage(format!("`--url` {why}")).help(help)
    };
    let uri: Uri = url.parse().ok().with_context(|| wrong("is not an address"))?;
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if uri.scheme_str() != Some("https") || authority.is_empty() {
        return Err(wrong("is not an address with `https://`").into());
    }
    if authority.contains('@') {
        return Err(wrong("has credentials in it, which others can read").into());
    }
    if uri.query().is_some() || url.contains('#') {
        return Err(wrong("goes on behind the server's path").into());
    }
    Ok((url.trim_end_matches('/').to_owned(), uri))
}

/// By its authority; where the secret names none, exactly the server's own certificate.
async fn of_secret(cx: &Context, server: &GiteaServer) -> anyhow::Result<Trust> {
    let name = ObjectName::new(&server.certificate.namespace, &server.certificate.name);
    let help = format!(
        "make it: `kubectl create secret tls {} --namespace {} --cert FILE --key FILE`; or give the certificate \
         with `--ca FILE`",
        name.name, name.namespace
    );
    let missing = |why: &str| Failure::missing(format!("secret `{name}` {why}")).help(&*help);
    let cluster = Cluster::open(cx.access()).await.map_err(|error| failure(&error))?;
    let secret = cluster.secret(&name).await.map_err(|error| failure(&error))?;
    let secret = secret.with_context(|| missing("with Gitea's certificate does not exist"))?;
    let text = |key: &str| secret.data.get(key).filter(|text| !text.is_empty());
    let trust = match (text("ca.crt"), text("tls.crt")) {
        (Some(authority), _) => Trust::of_pem(authority),
        (None, Some(own)) => Trust::exactly(own),
        (None, None) => return Err(missing("has neither `ca.crt` nor `tls.crt`").into()),
    };
    trust.map_err(|holds| missing(&format!("holds {holds}")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_and_nothing_more() {
        let (base, uri) = address("https://git.example:3000/gitea/").unwrap();
        assert_eq!((base.as_str(), uri.host()), ("https://git.example:3000/gitea", Some("git.example")));
        for wrong in
            ["http://a", "a", "", "https://", "https://me:hush@a", "https://a?b", "https://a#b", "ssh://a"]
        {
            let error = address(wrong).unwrap_err();
            assert!(!error.to_string().contains("hush"), "{error}");
        }
    }
}
