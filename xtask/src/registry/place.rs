//! Where a registry is, and where it may lead.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZero;

use anyhow::Context as _;
use ureq::http::Uri;

use crate::failure::Failure;
use crate::printable::printable;

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
        check(host)?;
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
        uri.with_context(|| no_registry(&self.host, "it cannot be a part of an address"))
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

/// Fails unless it is `host` or `host:port`.
fn check(text: &str) -> anyhow::Result<()> {
    if text.contains('@') {
        let message = "a registry is named without credentials, which others could read";
        let help = "name its `host` or `host:port`, and a file with them: `--registry-credentials FILE`";
        return Err(Failure::usage(message).help(help).into());
    }
    if text.contains("://") {
        return Err(no_registry(text, "it is an address").into());
    }
    if text.contains('/') {
        let help =
            "name its `host` or `host:port`; where releases are there is said by `--registry-repository`";
        return Err(no_registry(text, "it goes on behind the host").help(help).into());
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port = |text: &str| !text.starts_with('+') && text.parse::<NonZero<u16>>().is_ok();
    if !port.is_none_or(is_port) {
        return Err(no_registry(text, "its port is not a number of 1 to 65535").into());
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_host = match address {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.bytes().all(is_name) && host.split('.').all(|label| !label.is_empty()),
    };
    if is_host { Ok(()) } else { Err(no_registry(text, "it has no name that a host can have").into()) }
}

fn no_registry(text: &str, why: &str) -> Failure {
    Failure::usage(format!("`{}` is not a registry: {why}", printable(text)))
        .help("name its `host` or `host:port`")
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
    fn what_is_no_registry_is_told() {
        for host in ["registry.example", "r_1.example:443", "127.0.0.1:5000", "[::1]", "[::1]:5000", "A"] {
            assert!(check(host).is_ok(), "{host}");
        }
        for (text, why) in [
            ("http://registry.example", "it is an address"),
            ("registry.example/x", "it goes on behind the host"),
            ("registry.example:99999", "its port"),
            ("registry.example:0", "its port"),
            ("registry.example:", "its port"),
            ("registry.example:+1", "its port"),
            ("::1", "it has no name"),
            ("", "it has no name"),
            (".", "it has no name"),
            ("..", "it has no name"),
            ("..:443", "it has no name"),
            (".example", "it has no name"),
            ("registry..example", "it has no name"),
            ("a b", "it has no name"),
            ("[1.2.3.4]", "it has no name"),
        ] {
            let error = check(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is not a registry: {why}")), "{error}");
        }
        assert!(!check("me:hush@registry.example").unwrap_err().to_string().contains("hush"));
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
