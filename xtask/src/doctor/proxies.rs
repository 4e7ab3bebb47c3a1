//! Proxies that would be asked for what is in the cluster.

mod exceptions;

use cluster::Proxies;

use exceptions::{Place, is_excepted};

use super::networks::own;
use super::{Check, Facts, Seen, Verb, has_kind};

pub(super) const CHECK: Check = Check {
    name: "proxies",
    why: "kind hands them to the nodes, and what is not in NO_PROXY is asked of a proxy that cannot reach it",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Metallb, Verb::Up],
    look,
};

fn look(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let profile = facts.cx.profile()?;
    let docker = facts.docker().ok();
    let nodes = docker.map(|docker| docker.subnets(own::NETWORK)).unwrap_or_default();
    let networks =
        own::of(profile.kind()?.ip_family, nodes).into_iter().map(|own| Place::Network(own.subnet));
    let names =
        ["localhost", ".svc", ".cluster.local", profile.domain.as_str()].map(|it| Place::Name(it.to_owned()));
    let loopback = Place::Address([127, 0, 0, 1].into());
    let places: Vec<Place> = [loopback].into_iter().chain(names).chain(networks).collect();
    Ok(decide(&facts.cx.environment.proxies, docker.is_some_and(|docker| docker.proxied), &places))
}

/// A proxy may have a password in it: it is named by its variable alone.
fn decide(proxies: &Proxies, docker_has_one: bool, places: &[Place]) -> Seen {
    let Proxies { https, http, all, no } = proxies;
    let all = [("HTTPS_PROXY", https), ("HTTP_PROXY", http), ("ALL_PROXY", all)];
    let set: Vec<&str> =
        all.into_iter().filter(|(_, proxy)| !proxy.is_empty()).map(|(name, _)| name).collect();
    if set.is_empty() {
        return without(docker_has_one);
    }
    let found = format!("{} {} set", set.join(" and "), if set.len() == 1 { "is" } else { "are" });
    let lacking: Vec<String> =
        places.iter().filter(|place| !is_excepted(place, no)).map(ToString::to_string).collect();
    if lacking.is_empty() {
        return Seen::good(format!("{found}, and NO_PROXY has the cluster"));
    }
    let lacking = lacking.join(",");
    let value = if no.is_empty() { lacking.clone() } else { format!("$NO_PROXY,{lacking}") };
    Seen::warning(
        format!("{found}, and NO_PROXY lacks {lacking}"),
        format!(
            "run `export NO_PROXY=\"{value}\" no_proxy=\"{value}\"` before `kind up`; nodes that are there keep theirs"
        ),
    )
}

/// No proxy is set here.
fn without(docker_has_one: bool) -> Seen {
    if docker_has_one {
        return Seen::warning(
            "Docker reaches registries through a proxy, and the nodes will not: none is set here",
            "export HTTPS_PROXY and NO_PROXY as Docker has them (`docker info --format '{{.HTTPSProxy}}'`) \
             before `kind up`",
        );
    }
    Seen::good("none is set")
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn told(https: &str, no: &str, docker: bool) -> Seen {
        let places = [Place::Name(".svc".into()), Place::Network("10.96.0.0/16".parse().unwrap())];
        let proxies = Proxies { https: https.into(), no: no.into(), ..Proxies::default() };
        decide(&proxies, docker, &places)
    }

    #[test]
    fn none_is_set() {
        assert_eq!(told("", "", false), Seen::good("none is set"));
        assert_eq!(told("", "", true).state, State::Warning);
    }

    #[test]
    fn exceptions_that_lack_are_told_as_they_are_to_be_added() {
        let proxy = "http://user:secret@proxy:3128";
        let good = "HTTPS_PROXY is set, and NO_PROXY has the cluster";
        assert_eq!(told(proxy, "svc,10.0.0.0/8", true), Seen::good(good));
        let seen = told(proxy, "svc", false);
        assert_eq!(seen.state, State::Warning);
        assert_eq!(seen.found, "HTTPS_PROXY is set, and NO_PROXY lacks 10.96.0.0/16");
        let mend = seen.mend.unwrap();
        assert!(mend.contains("export NO_PROXY=\"$NO_PROXY,10.96.0.0/16\" no_proxy="), "{mend}");
        let all = told(proxy, "", false);
        assert!(all.mend.unwrap().contains("NO_PROXY=\".svc,10.96.0.0/16\""));
        assert!(!all.found.contains("secret"), "{}", all.found);
    }
}
