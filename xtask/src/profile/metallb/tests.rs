//! What the `[metallb]` table of a profile may say.

use crate::profile::tests::{load, told, told_there};

#[test]
fn a_wrong_value_is_told_with_its_place() {
    told_there(&[
        ("from = \"3.8.0\"", "from = \"3.x\"", "`metallb.helm.from`: `3.x` is not a version"),
        ("before = \"4.0.0\"", "before = \"3.0\"", "`metallb.helm.before`: 3.0.0 is not after 3.8.0"),
        ("chart = \"metallb\"", "chart = \"metallb/x\"", "`metallb.chart`: `metallb/x` is not a name"),
        (
            "repository = \"https://metallb.github.io/metallb\"",
            "repository = \"http://metallb.github.io\"",
            "`metallb.repository`: `http://metallb.github.io` is not a repository of charts",
        ),
        (
            "repository = \"https://metallb.github.io/metallb\"",
            "repository = \"https://me:secret@metallb.github.io\"",
            "`metallb.repository`: ",
        ),
        ("version = \"0.13.11\"", "version = \"latest\"", "`metallb.version`: `latest` is not a version"),
        ("\"metallb-system\"", "\"metallb_system\"", "`metallb.namespace`: `metallb_system` is not a name"),
        ("rest = 20", "rest = -20", "`metallb.rest`: `-20` is out of range: 0 to 65535"),
        ("rest = 20", "rset = 20", "unknown key `metallb.rset`; did you mean `rest`?"),
    ]);
    told(&[("rest = 20\n", "", "key `metallb.rest` is missing")]);
}

#[test]
fn a_wrong_pool_is_told_with_its_place() {
    told_there(&[
        ("name = \"boots\"", "name = \"Boots\"", "`metallb.pool.name`: `Boots` "),
        ("name = \"boots\"", "name = \"rest\"", "`metallb.pool.name`: `rest` "),
        ("host = 40", "host = 255", "`metallb.pool.host`: "),
        ("host = 40", "host = 256", "`metallb.pool.host`: `256` is out of range: 1 to 254"),
        (
            "namespace = \"orch-boots\"",
            "namespace = \"Boots\"",
            "`metallb.pool.namespace`: `Boots` is not a name",
        ),
        (
            "labels = [\"app.kubernetes.io/name=traefik\"]",
            "labels = [\"traefik\"]",
            "`metallb.pool.labels`: `traefik` is not a label",
        ),
    ]);
    told(&[
        ("host = 40\n", "", "key `metallb.pool.host` is missing"),
        (
            "[[metallb.pool]]\nname = \"boots\"",
            "[[metallb.pool]]\nname = \"argo\"",
            "there are two pools `argo`",
        ),
        ("host = 40", "host = 30", "two pools have host 30"),
    ]);
}

#[test]
fn a_pool_may_be_for_a_whole_namespace() {
    let profile = load("coder", &[]).unwrap();
    let labels: Vec<usize> = profile.metallb.unwrap().pools.iter().map(|pool| pool.labels.len()).collect();
    assert_eq!(labels, [1, 1, 0]);
}
