//! What is rendered for a sandbox. Traefik runs what is recorded here.

use std::collections::BTreeMap;

use routing::HostPattern;
use serde_yaml_ng::Value as Yaml;

use crate::profile::{Engine, Profile};
use crate::render::tests::{as_recorded, listeners, yaml};
use crate::render::{compose, traefik_dynamic, traefik_static};
use crate::sandbox::tests::made::{Files, profile};

/// Two hosts with rules, one without, and the domain itself.
const HOSTS: [&str; 4] =
    ["kind.internal", "web-ui.kind.internal", "keycloak.kind.internal", "vault.kind.internal"];

fn routes(profile: &Profile, hosts: &[&str], backends: &[&str]) -> String {
    let hosts: Vec<_> = hosts.iter().map(|host| HostPattern::parse(host).unwrap()).collect();
    let backends: Vec<String> = backends.iter().map(|&it| it.to_owned()).collect();
    let table = profile.table(&hosts, &profile.backends(&backends).unwrap()).unwrap();
    traefik_dynamic(&table, Some(Files::new().check().unwrap().scheme())).unwrap()
}

#[test]
fn routes_are_as_recorded() {
    let backends = ["orchestrator=172.18.255.30", "boots=172.18.255.40"];
    let text = routes(&profile("coder", &[]), &HOSTS, &backends);
    as_recorded(text, snapbox::file!["../recorded/sandbox-routes.yml"]);
    let absent = routes(&profile("coder", &[]), &HOSTS[1..2], &backends[1..]);
    as_recorded(absent, snapbox::file!["../recorded/sandbox-routes-absent.yml"]);
}

#[test]
fn the_rest_is_as_recorded() {
    let (files, listeners) = (Files::new(), listeners("10.0.0.7"));
    let render = |overrides: &[&str]| {
        let profile = profile("coder", overrides);
        for plugin in ["DirtyCajunRice/subfilter", "jamesmcroft/traefik-plugin-rewrite-response-headers"] {
            let folder = files.path("plugins/github.com").join(plugin);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(".traefik.yml"), "").unwrap();
        }
        let sandbox = files.check_for("lab.example.com", &profile).unwrap();
        let Engine::Traefik(traefik) = &profile.router.as_ref().unwrap().engine else { panic!("an engine") };
        let fixed = traefik_static(traefik, &listeners, Some(sandbox.scheme())).unwrap();
        (fixed, compose(&profile, traefik, &listeners, 0x2a, Some(sandbox.scheme()), 7).unwrap())
    };
    let (fixed, compose) = render(&["sandbox.plugins.sources=plugins"]);
    as_recorded(fixed, snapbox::file!["../recorded/sandbox-traefik.yml"]);
    as_recorded(compose, snapbox::file!["../recorded/sandbox-docker-compose.yml"]);

    let (fixed, compose) = (render(&[]).0, render(&[]).1);
    let (fixed, compose) = (yaml(&fixed), yaml(&compose));
    let plugins = &fixed["experimental"]["plugins"];
    assert_eq!(plugins["rewriteBody"]["moduleName"], "github.com/DirtyCajunRice/subfilter");
    assert_eq!(plugins["rewriteHeaders"]["version"], "v1.1.2");
    assert_eq!(fixed["experimental"]["localPlugins"], Yaml::Null);
    let router = &compose["services"]["router"];
    assert_eq!(router["tmpfs"][0], "/plugins-storage");
    assert_eq!(router["volumes"].as_sequence().unwrap().len(), 3);
}

#[test]
fn every_name_has_its_router_service_and_transport() {
    let profile = profile("coder", &[]);
    let listed: Vec<String> = profile.listed_hosts().iter().map(ToString::to_string).collect();
    let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
    let file = yaml(&routes(&profile, &listed, &["orchestrator=[2001:db8::1]"]));
    let http = &file["http"];
    let keys = |part: &str| http[part].as_mapping().unwrap().len();
    // Beside them the API's router, and the four rules; the three middlewares of all hosts.
    assert_eq!((keys("routers"), keys("services")), (listed.len() + 5, listed.len()));
    assert_eq!((keys("serversTransports"), keys("middlewares")), (listed.len(), listed.len() + 3));
    for host in listed {
        let external = host.replace("kind.internal", "lab.example.com");
        let router = &http["routers"][format!("sandbox-{external}")];
        assert_eq!(router["rule"], format!("Host(`{external}`)").as_str());
        assert_eq!(router["service"], host);
        let service = &http["services"][host]["loadBalancer"];
        assert_eq!(service["servers"][0]["url"], "https://[2001:db8::1]:443");
        assert_eq!(http["serversTransports"][host]["serverName"], host);
    }
    let uses = |router: &Yaml, middleware: &str| {
        router["middlewares"].as_sequence().is_some_and(|all| all.iter().any(|it| it == middleware))
    };
    let count = |middleware| {
        http["routers"].as_mapping().unwrap().values().filter(|router| uses(router, middleware)).count()
    };
    assert_eq!((count("rewrite-body"), count("rewrite-csp"), count("uncompressed")), (4, 2, 4));
}

#[test]
fn a_list_without_hosts_leaves_the_certificate() {
    let file = yaml(&routes(&profile("coder", &[]), &["other.host"], &[]));
    assert_eq!(file["http"].as_mapping().unwrap().len(), 1);
    assert_eq!(file["tls"]["stores"]["default"]["defaultCertificate"]["keyFile"], "/etc/traefik/tls/key.pem");
    // And without a sandbox there is nothing.
    let table = profile("coder", &[]).table(&[], &BTreeMap::new());
    assert!(!traefik_dynamic(&table.unwrap(), None).unwrap().contains("sandbox"));
}
