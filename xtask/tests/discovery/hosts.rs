//! The host list of the cluster, good and bad.

use serde_json::Value;

use crate::coder::Coder;

impl Coder {
    /// The hosts of the route `orchestrator` in the router that runs.
    pub fn hosts(&self) -> Vec<String> {
        let status = self.json(["router", "status"]);
        let routes = status["table"].as_array().unwrap();
        let route = routes.iter().find(|route| route["name"] == "orchestrator").unwrap();
        route["hosts"].as_array().unwrap().iter().map(|host| host.as_str().unwrap().to_owned()).collect()
    }
}

fn list(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().flat_map(|name| ["- ".to_owned(), name, "\n".to_owned()]).collect()
}

#[test]
fn lists_of_all_sizes_are_served() {
    for count in [1, 35, 5000] {
        let coder = Coder::with_services();
        coder.list_hosts(&list((0..count).map(|number| format!("host-{number}.kind.internal"))));
        coder.call(["router", "start"]).run().exits(0).stderr("");
        assert_eq!(coder.hosts().len(), count + 1, "with `fake.host`");
        let check = coder.json(["router", "check"]);
        assert_eq!(check["wrong"], 0);
    }
}

#[test]
fn what_is_malformed_is_told_and_the_rest_used() {
    let coder = Coder::with_services();
    coder.list_hosts(
        "- api.kind.internal\n- api.kind.internal\n- '*.apps.kind.internal'\n- other.example\n\
         - '{{ range . }}'\n- 'a`b'\n- [nested]\n- '*'\n- 7\n",
    );
    let ran = coder.call(["router", "start"]).run().exits(0);
    assert_eq!(coder.hosts(), ["api.kind.internal", "*.apps.kind.internal", "other.example", "fake.host"]);
    let map = "warning: ConfigMap `orch-gateway/kubernetes-docker-internal`: ";
    assert_eq!(ran.errors().lines().count(), 4, "{}", ran.errors());
    assert!(
        ran.errors().starts_with(&format!("{map}entry `{{{{ range . }}}}` is left out: ")),
        "{}",
        ran.errors()
    );
    assert!(ran.errors().ends_with(&format!("{map}2 more entries are left out\n")), "{}", ran.errors());
}

#[test]
fn a_list_that_is_none_leaves_the_profiles() {
    for bomb in
        ["a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "{{ .Values }}", "", "- {{ x }}", "42", "- \u{7}"]
    {
        let coder = Coder::with_services();
        coder.list_hosts(bomb);
        let ran = coder.call(["router", "start"]).run().exits(0);
        assert!(
            ran.errors().contains("names no host; the profile's list is taken"),
            "{bomb:?}: {}",
            ran.errors()
        );
        assert!(coder.hosts().contains(&"web-ui.kind.internal".to_owned()));
    }
}

#[test]
fn a_changed_list_is_followed() {
    let coder = Coder::with_services();
    coder.list_hosts("- one.kind.internal");
    coder.json(["router", "start"]);
    coder.list_hosts("- one.kind.internal\n- two.kind.internal");
    let followed = || coder.hosts().contains(&"two.kind.internal".to_owned());
    crate::fixture::wait::until("the list to be followed", followed);
}

#[test]
fn names_for_people_come_from_the_cluster_too() {
    let coder = Coder::with_services();
    coder.list_hosts("- one.kind.internal");
    let hosts: Value = coder.json(["gen", "hosts"]);
    assert!(hosts.to_string().contains("one.kind.internal"), "{hosts:#}");
    assert!(!hosts.to_string().contains("web-ui.kind.internal"), "{hosts:#}");
    let sni = coder.call(["gen", "sni"]).run().exits(0).stderr("");
    assert!(sni.text().contains("one.kind.internal\n"), "{}", sni.text());
}
