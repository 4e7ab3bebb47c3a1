//! By which proxy a cluster is reached.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

/// The proxy to `server` that the environment names, as kubectl takes it:
///
/// - `HTTPS_PROXY` for an `https://` server, `HTTP_PROXY` for an `http://` one,
///   else `ALL_PROXY`; in capitals or, where those are not set, in small letters.
/// - Not for a host of `NO_PROXY`: a name with all below it, an address, a network
///   (`10.0.0.0/8`), or `*`.
/// - Never for this machine itself.
///
/// kube 5 has rules of its own, which are not used: it looks the proxy up in
/// `NO_PROXY`, where the server belongs, and refuses a list that ends with a comma.
pub(crate) fn from_environment(server: &Uri) -> Option<Uri> {
    choose(&Matcher::from_env(), server)
}

fn choose(rules: &Matcher, server: &Uri) -> Option<Uri> {
    if is_local(server.host()?) {
        return None;
    }
    rules.intercept(server).map(|proxy| with_user(&proxy))
}

fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// The address of the proxy with the user and password that the matcher took
/// out of it, each byte escaped: kube takes a URI and decodes it again.
fn with_user(proxy: &Intercept) -> Uri {
    let address = proxy.uri().clone();
    let user = proxy
        .basic_auth()
        .and_then(|header| STANDARD.decode(header.to_str().ok()?.strip_prefix("Basic ")?).ok());
    let (Some(user), Some(authority)) = (user, address.authority()) else { return address };
    let user = user.splitn(2, |&byte| byte == b':').map(escaped).collect::<Vec<_>>().join(":");
    let mut parts = address.clone().into_parts();
    parts.authority = format!("{user}@{authority}").parse().ok();
    Uri::from_parts(parts).unwrap_or(address)
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| ['%', hex(byte >> 4), hex(byte & 0xf)]).collect()
}

fn hex(nibble: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(nibble)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(rules: &Matcher, server: &str) -> Option<String> {
        choose(rules, &server.parse().unwrap()).map(|proxy| proxy.to_string())
    }

    #[test]
    fn goes_by_the_scheme_and_the_exceptions() {
        let rules = Matcher::builder()
            .https("proxy.example:912")
            .http("http://10.0.0.1:911")
            .no("10.0.0.0/8,.kind.internal,api.example.com, fd00::/8,")
            .build();
        for (server, expected) in [
            ("https://api.example.org:6443", Some("http://proxy.example:912/")),
            ("http://api.example.org", Some("http://10.0.0.1:911/")),
            ("https://10.1.2.3:6443", None),
            ("https://11.1.2.3:6443", Some("http://proxy.example:912/")),
            ("https://a.kind.internal:6443", None),
            ("https://api.example.com", None),
            ("https://notapi.example.com", Some("http://proxy.example:912/")),
            ("https://[fd00::1]:6443", None),
            ("https://127.0.0.1:6443", None),
            ("https://[::1]:6443", None),
            ("https://LocalHost:6443", None),
        ] {
            assert_eq!(proxy(&rules, server).as_deref(), expected, "{server}");
        }
    }

    #[test]
    fn is_none_without_variables() {
        assert_eq!(proxy(&Matcher::builder().build(), "https://api.example.org"), None);
        assert_eq!(
            proxy(&Matcher::builder().https("http://p:1").no("*").build(), "https://api.example.org"),
            None
        );
    }

    #[test]
    fn keeps_user_and_password() {
        let rules = Matcher::builder().all("http://me:p%40ss%3Aw@proxy.example:912").build();
        let proxy = proxy(&rules, "https://api.example.org").unwrap();
        assert_eq!(proxy, "http://%6D%65:%70%40%73%73%3A%77@proxy.example:912/");
    }
}
