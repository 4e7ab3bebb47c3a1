//! The `[sandbox]` table of a profile: what is served under an external domain.

use routing::{EntryPoint, HostName, HostPattern};
use serde::Serialize;

use super::hosts::HostEntry;
use super::plugin::{Plugin, Sources};
use super::routes::RouteProfile;
use super::section::{Item, Raw, Section};

/// What differs between the internal names and those under an external domain.
#[derive(Clone, Debug, Serialize)]
pub struct SandboxProfile {
    /// The route whose hosts under the domain get a name under the external one.
    pub route: String,
    /// Hosts whose Content-Security-Policy names the domain.
    pub csp: Vec<HostName>,
    /// Answers whose body names the domain.
    pub bodies: Vec<BodyRule>,
    /// What rewrites them.
    pub plugins: Plugins,
}

/// Answers to one path of one host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BodyRule {
    /// The internal name.
    pub host: HostName,
    /// The whole path, from its `/`.
    pub path: String,
}

/// Traefik's plug-ins, by what they do.
#[derive(Clone, Debug, Serialize)]
pub struct Plugins {
    /// Where their sources are; without it Traefik downloads them at start.
    pub sources: Option<Sources>,
    /// Takes `filters` of `regex` and `replacement`.
    pub rewrite_body: Plugin,
    /// Takes `rewrites` of `header`, `regex` and `replacement`.
    pub rewrite_headers: Plugin,
}

impl SandboxProfile {
    /// `routes` are all of the profile, or `None` where one of them is wrong.
    pub(super) fn read(
        mut section: Section<'_, '_>,
        domain: &HostName,
        routes: Option<&[&RouteProfile]>,
    ) -> Option<Self> {
        let route = section.required("route").and_then(|item| item.text()?.read(|it| read_route(it, routes)));
        let csp = section.required("csp").and_then(|item| read_csp(item, domain));
        let bodies = section.required("bodies").and_then(|item| read_bodies(item, domain));
        let plugins = section.required("plugins").and_then(Item::section);
        section.finish();
        let plugins = plugins.and_then(Plugins::read);
        Some(Self { route: route?.value, csp: csp?, bodies: bodies?, plugins: plugins? })
    }
}

impl Plugins {
    /// The plug-ins with the names that middlewares have for them.
    pub fn both(&self) -> [(&'static str, &Plugin); 2] {
        [("rewriteBody", &self.rewrite_body), ("rewriteHeaders", &self.rewrite_headers)]
    }

    fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let sources = section.optional("sources");
        let has_sources = sources.is_some();
        let sources = sources.and_then(|item| item.text()?.read(|text| Sources::parse(text)));
        let rewrite_body = section.required("rewrite_body").and_then(Item::section);
        let rewrite_headers = section.required("rewrite_headers").and_then(Item::section);
        section.finish();
        let (rewrite_body, rewrite_headers) =
            (rewrite_body.and_then(Plugin::read), rewrite_headers.and_then(Plugin::read));
        let sources = sources.map(|item| item.value);
        if has_sources && sources.is_none() {
            return None;
        }
        Some(Self { sources, rewrite_body: rewrite_body?, rewrite_headers: rewrite_headers? })
    }
}

/// The name of a route that TLS connections take.
fn read_route(name: &str, routes: Option<&[&RouteProfile]>) -> Result<String, String> {
    let Some(routes) = routes else { return Ok(name.to_owned()) };
    match routes.iter().find(|route| route.name == name) {
        None => Err(format!("there is no route `{name}`")),
        Some(route) if route.port != EntryPoint::Https => {
            Err(format!("route `{name}` is not on the port `{}`", EntryPoint::Https))
        }
        Some(route) => Ok(route.name.clone()),
    }
}

/// What stands before the domain in a name under it; nothing in the domain itself.
pub fn labels_under<'a>(name: &'a HostName, domain: &HostName) -> Option<&'a str> {
    let before = name.as_str().strip_suffix(domain.as_str())?;
    if before.is_empty() { Some(before) } else { before.strip_suffix('.') }
}

/// A name under the domain, or the domain itself.
fn read_host(text: &str, domain: &HostName) -> Result<HostName, String> {
    match HostEntry::parse(text, domain)? {
        HostEntry::Pattern(HostPattern::Exact(name)) if labels_under(&name, domain).is_some() => Ok(name),
        _ => Err(format!("host `{text}` is not one name under `{domain}`")),
    }
}

fn read_csp(item: Raw<'_, '_>, domain: &HostName) -> Option<Vec<HostName>> {
    let mut hosts: Vec<HostName> = Vec::new();
    for item in item.list()? {
        let host = item.text()?.read(|text| match read_host(text, domain)? {
            host if hosts.contains(&host) => Err(format!("host `{text}` is listed twice")),
            host => Ok(host),
        });
        hosts.push(host?.value);
    }
    Some(hosts)
}

fn read_bodies(item: Raw<'_, '_>, domain: &HostName) -> Option<Vec<BodyRule>> {
    let mut rules = Vec::new();
    for item in item.list()? {
        let mut section = item.section()?;
        let host = section.required("host").and_then(|item| item.text()?.read(|it| read_host(it, domain)));
        let path = section.required("path").and_then(|item| item.text()?.read(|text| read_path(text)));
        section.finish();
        let path = path?;
        let rule = BodyRule { host: host?.value, path: path.value };
        if rules.contains(&rule) {
            path.at.report(format!("`{}` of `{}` is listed twice", rule.path, rule.host));
        }
        rules.push(rule);
    }
    Some(rules)
}

/// A path (RFC 3986, section 3.3) without percent-encoding, which Traefik
/// would compare undecoded.
fn read_path(text: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/._~-".contains(&byte);
    if text.starts_with('/') && text.bytes().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is not a path of letters, digits, `.`, `_`, `~`, `-`, such as `/config.js`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::{load, told};

    #[test]
    fn reads_the_sandbox_of_coder() {
        let sandbox = load("coder", &[]).unwrap().sandbox.unwrap();
        assert_eq!(sandbox.route, "orchestrator");
        let bodies: Vec<_> = sandbox.bodies.iter().map(|it| format!("{}{}", it.host, it.path)).collect();
        let expected = [
            "app-orch.kind.internal/openidc-issuer",
            "keycloak.kind.internal/realms/master/.well-known/openid-configuration",
            "web-ui.kind.internal/runtime-config.js",
            "observability-ui.kind.internal/runtime-config.js",
        ];
        assert_eq!(bodies, expected);
        assert_eq!(sandbox.csp, [HostName::parse("web-ui.kind.internal").unwrap()]);
        assert_eq!(sandbox.plugins.sources, None);
        let local = load("coder", &["sandbox.plugins.sources=plugins"]).unwrap().sandbox.unwrap();
        assert_eq!(local.plugins.sources.unwrap().as_str(), "plugins");
        assert!(load("local", &[]).unwrap().sandbox.is_none());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        told(&[
            ("route = \"orchestrator\"", "route = \"orchstrator\"", "`sandbox.route`: there is no route"),
            (
                "route = \"orchestrator\"",
                "route = \"edge\"",
                "`sandbox.route`: route `edge` is not on the port",
            ),
            ("route = \"orchestrator\"\n", "", "key `sandbox.route` is missing"),
            ("csp = [\"web-ui\"]", "csp = [\"*\"]", "`sandbox.csp`: host `*` is not one name under"),
            (
                "csp = [\"web-ui\"]",
                "csp = [\"a.example\"]",
                "`sandbox.csp`: host `a.example` is not one name under",
            ),
            ("csp = [\"web-ui\"]", "csp = [\"a\", \"a\"]", "`sandbox.csp`: host `a` is listed twice"),
            (
                "route = \"orchestrator\"",
                "rute = \"orchestrator\"",
                "unknown key `sandbox.rute`; did you mean `route`?",
            ),
            (
                "\"/openidc-issuer\"",
                "\"openidc-issuer\"",
                "`sandbox.bodies.path`: `openidc-issuer` is not a path",
            ),
            ("\"/openidc-issuer\"", "\"/`)\"", "`sandbox.bodies.path`: `/`)` is not a path"),
            (
                "\"observability-ui\", path",
                "\"web-ui\", path",
                "`/runtime-config.js` of `web-ui.kind.internal` is listed twice",
            ),
            (
                "version = \"v0.5.0\"",
                "version = \"latest\"",
                "`sandbox.plugins.rewrite_body.version`: `latest` is not",
            ),
            (
                "\"github.com/DirtyCajunRice/",
                "\"",
                "`sandbox.plugins.rewrite_body.module`: `subfilter` is not",
            ),
            ("rewrite_headers", "rewrite_header", "key `sandbox.plugins.rewrite_headers` is missing"),
        ]);
    }

    #[test]
    fn the_domain_ends_at_a_dot() {
        let domain = HostName::parse("kind.internal").unwrap();
        let under = |name| labels_under(&HostName::parse(name).unwrap(), &domain).map(str::to_owned);
        assert_eq!(under("kind.internal").as_deref(), Some(""));
        assert_eq!(under("a.b.kind.internal").as_deref(), Some("a.b"));
        assert_eq!(under("mankind.internal"), None);
        assert_eq!(under("internal"), None);
    }
}
