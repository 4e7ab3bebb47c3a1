//! What `[[route]]` tables may say.

use super::told;

#[test]
fn hosts_of_routes_are_checked() {
    told(&[
        ("[\"argo\", \"argocd\"]", "[]", "`route.argo.hosts`: route `argo` has no hosts"),
        (
            "[\"argo\", \"argocd\"]",
            "[\"argo\", \"*\"]",
            "`route.argo.hosts`: route `argo`: `*` must be the only host",
        ),
        (
            "[\"argo\", \"argocd\"]",
            "[\"a\", \"a\"]",
            "`route.argo.hosts`: route `argo` lists host `a.kind.internal` twice",
        ),
        ("[\"argo\", \"argocd\"]", "[\"a\", \"{{b\"]", "`route.argo.hosts`: host `{{b`: it has a character"),
        ("[\"argo\", \"argocd\"]", "\"argo\"", "`route.argo.hosts`: expected a list, found string"),
        (
            "[\"gitea\"]",
            "[\"argo\"]",
            "`route.gitea.priority`: routes `argo` and `gitea` both take `argo.kind.internal`",
        ),
    ]);
}

#[test]
fn other_keys_of_routes_are_checked() {
    told(&[
        (
            "[[route]]\nname = \"argo\"",
            "[[route]]\nname = \"Argo\"",
            "`route.name`: route `Argo`: a name is 1 to 63 lower-case",
        ),
        ("name = \"gitea\"", "name = \"argo\"", "`route.name`: route `argo` is defined twice"),
        (
            "port = \"https\"",
            "port = \"htps\"",
            "`route.argo.port`: `htps` is none of `https`, `raw`; did you mean `https`?",
        ),
        ("priority = 20", "priority = 0", "`route.argo.priority`: route `argo`: priority 0 means unset"),
        ("priority = 20", "priority = -1", "`route.argo.priority`: `-1` is out of range: 1 to 4294967295"),
        ("priority = 20", "priorty = 20", "unknown key `route.argo.priorty`; did you mean `priority`?"),
        ("priority = 20\n", "", "key `route.argo.priority` is missing"),
        (
            "argocd/argocd-server:443",
            "argocd-server:443",
            "`route.argo.services`: `argocd-server:443` is not",
        ),
        ("[\"argocd/argocd-server:443\"]", "[]", "`route.argo.services`: there is no service"),
    ]);
}
