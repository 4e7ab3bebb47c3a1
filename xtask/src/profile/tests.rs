//! Profiles as a whole: the four there are, and what is refused.

mod routes;

use super::*;
use crate::failure::{Exit, exit_of, help_of};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

pub(super) fn load(name: &str, overrides: &[&str]) -> anyhow::Result<Profile> {
    let overrides: Vec<String> = overrides.iter().map(|&it| it.to_owned()).collect();
    Profile::load(root(), name, &overrides)
}

/// What is said of the profile `coder` after `change` of its text.
fn refused(change: impl FnOnce(String) -> String) -> String {
    let text = fs::read_to_string(root().join("profiles/coder.toml")).unwrap();
    let changed = change(text);
    Profile::parse("coder", "profiles/coder.toml".into(), changed, &[]).unwrap_err().to_string()
}

fn replaced(from: &str, to: &str) -> String {
    refused(|text| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn there_are_four() {
    assert_eq!(Profile::names(root()).unwrap(), ["aws", "coder", "local", "onprem"]);
    let domains = [
        ("aws", "orchestrator.example.com", Entrance::Aws),
        ("coder", "kind.internal", Entrance::Router),
        ("local", "local.internal", Entrance::Router),
        ("onprem", "cluster.onprem", Entrance::Metallb),
    ];
    for (name, domain, entrance) in domains {
        let profile = load(name, &[]).unwrap();
        assert_eq!((profile.domain.as_str(), profile.entrance), (domain, entrance));
        assert_eq!(profile.router.is_some(), entrance == Entrance::Router);
    }
}

#[test]
fn all_have_the_same_routes() {
    for name in Profile::names(root()).unwrap() {
        let profile = load(&name, &[]).unwrap();
        let table = profile.table(profile.listed_hosts(), &BTreeMap::new()).unwrap();
        let shape: Vec<_> = table
            .routes()
            .iter()
            .map(|route| (route.name.as_str(), route.entry_point.as_str(), route.priority, route.hosts.len()))
            .collect();
        let expected = [
            ("argo", "https", 20, 2),
            ("gitea", "https", 20, 1),
            ("orchestrator", "https", 9, 36),
            ("boots", "https", 5, 1),
            ("edge", "raw", 10, 1),
        ];
        assert_eq!(shape, expected, "{name}");
        let services: Vec<String> =
            profile.routes.iter().flat_map(|route| &route.services).map(ToString::to_string).collect();
        let expected = [
            "argocd/argocd-server:443",
            "gitea/gitea-http:443",
            "orch-gateway/traefik:443",
            "orch-boots/ingress-haproxy-kubernetes-ingress:443",
            "orch-boots/ingress-nginx-controller:443",
            "orch-gateway/traefik:4433",
        ];
        assert_eq!(services, expected, "{name}");
    }
}

#[test]
fn node_ports_have_a_policy_where_there_is_a_cluster() {
    let policies = [
        ("aws", Some(NodePorts::Unexpected)),
        ("coder", Some(NodePorts::Either)),
        ("local", None),
        ("onprem", Some(NodePorts::Expected)),
    ];
    for (name, policy) in policies {
        assert_eq!(load(name, &[]).unwrap().node_ports, policy, "{name}");
    }
    assert_eq!(load("coder", &["node_ports=expected"]).unwrap().node_ports, Some(NodePorts::Expected));
    assert!(replaced("node_ports = \"either\"\n", "").contains("key `node_ports` is missing"));
    let wrong = replaced("node_ports = \"either\"", "node_ports = \"expect\"");
    assert!(wrong.contains("`node_ports`: `expect` is none of `expected`, "), "{wrong}");
    assert!(wrong.contains("did you mean `expected`?"), "{wrong}");
    let superfluous = load("local", &["node_ports=either"]).unwrap_err().to_string();
    assert!(superfluous.contains("`node_ports`: there are no node ports where"), "{superfluous}");
}

#[test]
fn every_problem_is_told_with_its_place() {
    let text = r#"name = "coder"
domian = "kind.internal"
domain = 7
kubernetes = "kind"
node_ports = "either"
entrance = "router"
router = { engine = "traefik", image = "traefik", network = "host", api_port = 1, bind = "lo" }

[[route]]
name = "edge"
"#;
    let message = refused(|_| text.to_owned());
    let expected = [
        "profile `coder` is not valid",
        "profiles/coder.toml:1:1: `kubernetes = \"kind\"` needs a table `[kind]`",
        "profiles/coder.toml:2:1: unknown key `domian`; did you mean `domain`?",
        "profiles/coder.toml:3:10: `domain`: expected a string, found integer",
        "profiles/coder.toml:7:10: key `router.ports` is missing",
        "profiles/coder.toml:7:40: `router.image`: image `traefik` has no tag; pin one, as in `traefik:v3.7.15`",
    ];
    assert_eq!(message.split("\n  ").collect::<Vec<_>>(), expected);
}

/// Replaces the first text by the second, and expects to be told the third with its place.
#[track_caller]
pub(super) fn told(cases: &[(&str, &str, &str)]) {
    for (from, to, expected) in cases {
        let message = replaced(from, to);
        assert!(message.contains(expected), "{from} -> {to}:\n{message}");
        assert!(message.contains("profiles/coder.toml:"), "{message}");
    }
}

/// As [`told`], with the line where the second text ends.
#[track_caller]
pub(super) fn told_there(cases: &[(&str, &str, &str)]) {
    for (from, to, expected) in cases {
        let mut line = 0;
        let message = refused(|text| {
            let start = text.find(from).unwrap_or_else(|| panic!("{from}"));
            line = text[..start].matches('\n').count() + to.matches('\n').count() + 1;
            text.replacen(from, to, 1)
        });
        let (place, what) = (format!("profiles/coder.toml:{line}:"), format!(": {expected}"));
        let is_told = message.lines().any(|told| told.contains(&place) && told.contains(&what));
        assert!(is_told, "{from} -> {to}: no `{place}` with `{what}` in\n{message}");
    }
}

#[test]
fn the_rest_is_checked_too() {
    told(&[
        (
            "name = \"coder\"",
            "name = \"other\"",
            ":2:8: `name`: `other` is not the name of the file, `coder`",
        ),
        (
            "name = \"coder\"",
            "name = \"testbed\"",
            ":2:8: `name`: `testbed` is the name of something else in the state directory",
        ),
        (
            "kind.internal\"",
            "kind internal\"",
            ":3:10: `domain`: `kind internal` is not a domain: it has a character",
        ),
        ("\"router\"", "\"metallb\"", "`router`: a table `[router]` needs `entrance = \"router\"`"),
        ("[router]", "[outer]", "`entrance = \"router\"` needs a table `[router]`"),
        (
            "\"dev\",",
            "\"Dev\",",
            "`namespaces`: `Dev` is not a namespace: lower-case letters, digits and `-`",
        ),
        ("\"dev\",", "7,", "`namespaces`: expected a string, found integer"),
        ("\"kind\"", "\"rke2\"", "`kind`: a table `[kind]` needs `kubernetes = \"kind\"`"),
        ("[router]", "[outer]", "unknown key `outer`; did you mean `router`?"),
        ("\"management\"", "\"a b\"", "`router.bind`: `a b` is neither `management`, nor an interface"),
        ("https = 443", "https = 0", "`router.ports.https`: port 0 stands for any free port"),
        ("https = 443", "https = 65536", "`router.ports.https`: `65536` is out of range: 0 to 65535"),
        ("https = 443, ", "", "key `router.ports.https` is missing"),
        ("network = \"host\"\n", "", "key `router.network` is missing"),
        (
            "config_map = \"orch-gateway/",
            "config_map = \"",
            "`host_list.config_map`: `kubernetes-docker-internal` is not",
        ),
        ("\"vault\"", "\"api\"", "`host_list.labels`: host `api` is listed twice"),
        ("\"vault\"", "\"*\"", "`host_list.labels`: host `*` cannot be in the list"),
        ("[host_list]", "[hostlist]", "`route.orchestrator.hosts`: `@hosts` needs a table `[host_list]`"),
    ]);
    assert!(
        refused(|text| text.split("[[route]]").next().unwrap().to_owned()).contains("there are no routes")
    );
    assert!(refused(|_| "name = ".into()).contains("profiles/coder.toml:1:"));
    assert!(refused(|_| String::new()).contains("key `domain` is missing"));
}

#[test]
fn an_unknown_profile_names_those_there_are() {
    let error = load("coderr", &[]).unwrap_err();
    assert_eq!(error.to_string(), "there is no profile `coderr`; did you mean `coder`?");
    assert_eq!(help_of(&error), Some("choose one of `aws`, `coder`, `local`, `onprem`"));
    assert_eq!(exit_of(&error), Exit::Usage);
    assert!(load("../xtask/Cargo", &[]).is_err());
}

#[test]
fn the_table_takes_what_was_discovered() {
    let profile = load("coder", &[]).unwrap();
    let backends = profile.backends(&["argo=172.18.255.20".to_owned()]).unwrap();
    // `fake.host` is in the profile as well; twice in one route would be refused.
    let listed = ["new.kind.internal", "fake.host"].map(|host| HostPattern::parse(host).unwrap());
    let table = profile.table(&listed, &backends).unwrap();
    let hosts: Vec<_> = table.routes()[2].hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["new.kind.internal", "fake.host"]);
    assert_eq!(table.routes()[0].backend.unwrap().to_string(), "172.18.255.20:443");
    assert_eq!(table.routes()[1].backend, None);
}

#[test]
fn json_is_flat_and_plain() {
    let json = serde_json::to_value(load("coder", &[]).unwrap()).unwrap();
    assert_eq!(json["router"]["engine"], "traefik");
    assert_eq!(json["router"]["image"], "traefik:v3.7.15");
    assert_eq!(json["router"]["bind"], "management");
    assert_eq!(json["router"]["ports"]["raw"], 4433);
    assert_eq!(json["host_list"]["config_map"], "orch-gateway/kubernetes-docker-internal");
    assert_eq!(json["routes"][2]["hosts"][0], "@hosts");
    assert_eq!(json["routes"][0]["services"][0], "argocd/argocd-server:443");
    let local = serde_json::to_value(load("local", &[]).unwrap()).unwrap();
    assert_eq!(local["router"]["engine"], "embedded");
}
