//! Where a registry is, and where it may lead.

use std::net::IpAddr;

use anyhow::Context as _;
use ureq::http::Uri;

use crate::failure::Failure;

/// Where a registry is.
#[derive(Clone, Debug)]
pub struct Place {
    /// `host` or `host:port`.
    pub host: String,
    /// It is spoken to without TLS, which only this machine itself may be.
    plain: bool,
}

impl Place {
    /// The registry `host`, with TLS unless `plain`.
    pub fn new(host: &str, plain: bool) -> anyhow::Result<Self> {
        let place = Self { host: host.to_owned(), plain };
        let uri = place.uri("/")?;
        if plain && !is_loopback(&uri) {
            let message = format!("`{host}` is not this machine, so it is not spoken to without TLS");
            return Err(Failure::usage(message).help("leave `--registry-plain-http` out").into());
        }
        Ok(place)
    }

    /// A path there, with its query.
    pub fn uri(&self, path: &str) -> anyhow::Result<Uri> {
        let scheme = if self.plain { "http" } else { "https" };
        let uri: Result<Uri, _> = format!("{scheme}://{}{path}", self.host).parse();
        let uri = uri.ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()));
        uri.with_context(|| {
            Failure::usage(format!("`{}` is not a registry", self.host))
                .help("name its `host` or `host:port`")
        })
    }

    /// Whether the registry itself is there.
    pub fn is_at(&self, uri: &Uri) -> bool {
        self.uri("/").is_ok_and(|own| own.authority() == uri.authority() && own.scheme() == uri.scheme())
    }

    /// Whether it may lead there: by TLS, or on this machine as it is itself.
    pub fn may_lead_to(&self, uri: &Uri) -> bool {
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let safe = uri.scheme_str() == Some("https")
            || (self.plain && uri.scheme_str() == Some("http") && is_loopback(uri));
        safe && !has_user && uri.host().is_some_and(|host| !host.is_empty())
    }
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        for host in ["127.0.0.1:5000", "localhost:5000", "[::1]:5000"] {
            assert!(Place::new(host, true).is_ok(), "{host}");
        }
        for host in ["registry.example", "10.0.0.1:5000", "localhost.example:80", ""] {
            assert!(Place::new(host, true).is_err(), "{host}");
        }
    }

    #[test]
    fn it_leads_to_what_is_as_safe() {
        let may = |plain: bool, uri: &str| {
            Place::new("127.0.0.1:5000", plain).unwrap().may_lead_to(&uri.parse().unwrap())
        };
        assert!(may(false, "https://cdn.example/x") && may(true, "https://cdn.example/x"));
        assert!(may(true, "http://127.0.0.2/x") && !may(false, "http://127.0.0.2/x"));
        assert!(!may(true, "http://cdn.example/x") && !may(false, "https://me:pw@cdn.example/x"));
    }
}
