//! HTTPS clients whose trust is said in so many words, and that go where they
//! are told.
//!
//! `ureq` is built without TLS of its own; its connections are wrapped here,
//! by rustls with the roots of a [`Trust`]. There is no way around them.

mod basic;
mod connector;
mod ending;
mod fault;
mod place;
#[cfg(test)]
mod tests;
mod trust;
mod untrusted;
mod verifier;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use git_seed::EarlyAnswers;
use rustls::ClientConfig;
use rustls::crypto::ring;
use ureq::Agent;
use ureq::http::Uri;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector as _, TcpConnector};

pub use basic::basic;
pub use ending::Ending;
pub use fault::{failure, is_unreachable};
pub use trust::Trust;
pub use untrusted::Untrusted;

use self::connector::TlsConnector;
use self::place::Place;
use self::verifier::Verifier;
use crate::failure::Failure;

/// How long a name may take to be looked up, and a connection with TLS to be made.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server may be silent before its first byte, and between two. One
/// that takes in a large pack may work for a while without a word.
const SILENCE: Duration = Duration::from_mins(2);

/// TLS with certificates that are verified by a [`Trust`]; for any number of agents.
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

/// An HTTP client. It follows no redirects and takes every status for an
/// answer. A connection may take ten seconds to be made and the server may be
/// silent for two minutes; a whole transfer has no limit.
///
/// It connects to `place`, if one is given, whatever the name in a URL stands
/// for; that name is still the one that the certificate must have. Otherwise
/// it goes by `proxy`, if one is given: an `http://` one, whose user and
/// password are percent-encoded.
pub fn agent(tls: &Tls, place: Option<SocketAddr>, proxy: Option<&Uri>) -> anyhow::Result<Agent> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_per_read(Some(SILENCE))
        .timeout_per_write(Some(SILENCE))
        .user_agent(concat!("xtask/", env!("CARGO_PKG_VERSION")))
        .proxy(proxy.filter(|_| place.is_none()).map(through).transpose()?)
        .build();
    let connector =
        ().chain(ConnectProxyConnector::default())
            .chain(TcpConnector::default())
            .chain(TlsConnector::new(Arc::clone(&tls.0)))
            .chain(EarlyAnswers::default());
    Ok(Agent::with_parts(config, connector, Place::new(place)))
}

impl Tls {
    /// TLS 1.2 and 1.3 with rustls' own choice of ciphers.
    pub fn new(trust: &Trust) -> anyhow::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier::new(trust, &provider)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("cannot set up TLS")?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

fn through(proxy: &Uri) -> anyhow::Result<ureq::Proxy> {
    let help = "correct HTTPS_PROXY; NO_PROXY names what is reached without";
    let wrong = || Failure::usage("the proxy of the environment is not an http:// one").help(help);
    if proxy.scheme_str() != Some("http") {
        return Err(wrong().into());
    }
    // What the address is stays untold: it may hold a password.
    ureq::Proxy::new(&proxy.to_string()).ok().with_context(wrong)
}
