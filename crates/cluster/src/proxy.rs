//! By which proxy a cluster is reached.

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

/// Proxies as the environment names them for kubectl. There may be passwords in
/// their addresses, so they are not shown.
#[derive(Clone, Default)]
pub struct Proxies {
    /// To an `https://` server; empty: that of `all`. `HTTPS_PROXY`.
    pub https: String,
    /// To an `http://` server; empty: that of `all`. `HTTP_PROXY`.
    pub http: String,
    /// To any server; empty: none. `ALL_PROXY`.
    pub all: String,
    /// Which hosts are reached without, with commas between them: a name with
    /// all below it, an address, a network (`10.0.0.0/8`), or `*`. `NO_PROXY`.
    pub no: String,
}

impl Proxies {
    /// The proxy to `server`, if there is one. This machine itself is always
    /// reached without.
    ///
    /// kube 5 has rules of its own, which are not used: it looks the proxy up in
    /// `NO_PROXY`, where the server belongs, and refuses a list that ends with a comma.
    pub fn to(&self, server: &Uri) -> Option<Uri> {
        if is_local(server.host()?) {
            return None;
        }
        let Self { https, http, all, no } = self;
        let rules = Matcher::builder().https(&**https).http(&**http).all(&**all).no(&**no).build();
        rules.intercept(server).map(|proxy| with_user(&proxy))
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
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
    use crate::Access;

    fn proxy(proxies: &Proxies, server: &str) -> Option<String> {
        proxies.to(&server.parse().unwrap()).map(|proxy| proxy.to_string())
    }

    #[test]
    fn goes_by_the_scheme_and_the_exceptions() {
        let proxies = Proxies {
            https: "proxy.example:912".into(),
            http: "http://10.0.0.1:911".into(),
            no: "10.0.0.0/8,.kind.internal,api.example.com, fd00::/8,".into(),
            ..Proxies::default()
        };
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
            assert_eq!(proxy(&proxies, server).as_deref(), expected, "{server}");
        }
    }

    #[test]
    fn is_none_without_variables() {
        assert_eq!(proxy(&Proxies::default(), "https://api.example.org"), None);
        let except_all = Proxies { https: "http://p:1".into(), no: "*".into(), ..Proxies::default() };
        assert_eq!(proxy(&except_all, "https://api.example.org"), None);
    }

    #[test]
    fn is_neither_kept_nor_compared() {
        let all = "http://me:s3cr3t@proxy.example:912".into();
        let proxies = Proxies { all, ..Proxies::default() };
        let access = Access { context: Some("one".into()), proxies, ..Access::default() };
        let kept = serde_json::to_string(&access).unwrap();
        assert!(!kept.contains("proxy"), "{kept}");
        assert_eq!(serde_json::from_str::<Access>(&kept).unwrap(), access);
        assert_ne!(Access::default(), access);
    }

    #[test]
    fn keeps_user_and_password() {
        let all = "http://me:p%40ss%3Aw@proxy.example:912".into();
        let proxies = Proxies { all, ..Proxies::default() };
        assert_eq!(format!("{proxies:?}"), "Proxies { .. }");
        let proxy = proxy(&proxies, "https://api.example.org").unwrap();
        assert_eq!(proxy, "http://%6D%65:%70%40%73%73%3A%77@proxy.example:912/");
    }
}
