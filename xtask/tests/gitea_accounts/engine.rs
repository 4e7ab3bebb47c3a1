//! The engine `gitea`, by what is seeded through it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_gitea::Fault;
use serde_json::json;

use crate::bed::Bed;
use crate::support::Ran;

const REPOSITORY: &str = "argocd/edge-manageability-framework";

/// A Gitea with its accounts, and a release.
fn made() -> Bed {
    let bed = Bed::new();
    bed.run("").exits(0);
    bed.checkout.write("release/VERSION", "1.2.3\n");
    bed.checkout.write("release/argocd/root-app/values.yaml", "a: 1\n");
    bed
}

/// A verb of `gitea`; neither a password nor a token is in what it says.
#[track_caller]
fn gitea(bed: &Bed, words: &str) -> Ran {
    let global = ["--kubeconfig", "kubeconfig", "--profile", "coder"];
    let call = bed.checkout.xtask(["gitea"].into_iter().chain(words.split_whitespace()).chain(global));
    let ran = call.run();
    for user in bed.gitea.users() {
        let secrets = user.tokens.into_iter().map(|token| token.value).chain([user.password]);
        for secret in secrets {
            assert!(!ran.text().contains(&secret) && !ran.errors().contains(&secret));
        }
    }
    ran
}

#[test]
fn a_release_is_seeded_by_a_token_that_is_taken_back() {
    let bed = made();
    let answer = gitea(&bed, "seed --tree release --format json").exits(0).json();
    assert_eq!(answer["committed"], true);
    assert_eq!(bed.gitea.head(REPOSITORY, "main"), answer["head"].as_str().map(str::to_owned));
    assert!(bed.gitea.user("argocd").unwrap().tokens.is_empty());
    let password = STANDARD.encode(format!("argocd:{}", bed.gitea.user("argocd").unwrap().password));
    let pushes: Vec<_> =
        bed.gitea.requests().into_iter().filter(|it| it.path.ends_with("/git-receive-pack")).collect();
    assert!(!pushes.is_empty());
    for push in pushes {
        assert_ne!(push.header("authorization").unwrap(), format!("Basic {password}"));
    }
}

#[test]
fn no_token_is_made_where_nothing_is_sent() {
    let bed = made();
    let first = gitea(&bed, "seed --tree release --format json").exits(0).json();
    let is_push =
        |it: &fake_gitea::Request| it.path.contains("/tokens") || it.path.ends_with("/git-receive-pack");
    let pushes = || bed.gitea.requests().iter().filter(|it| is_push(it)).count();
    let before = pushes();
    assert!(before > 0);
    let again = gitea(&bed, "seed --tree release --format json").exits(0).json();
    assert_eq!((&again["committed"], &again["head"]), (&json!(false), &first["head"]));
    gitea(&bed, "verify --tree release").exits(0);
    gitea(&bed, "status").exits(0);
    assert_eq!(pushes(), before);
}

#[test]
fn a_token_that_cannot_be_made_is_told_and_nothing_is_sent() {
    let bed = made();
    bed.gitea.faults().push(Fault::status(503).path("/api/v1/users/argocd/tokens"));
    let ran = gitea(&bed, "seed --tree release").exits(3).stdout("");
    let told = "error: cannot ask for the tokens of account `argocd`: the server fails with status 503\n\
                help: run this again; Gitea's log tells more\n";
    assert!(ran.errors().ends_with(told), "{}", ran.errors());
    assert_eq!(bed.gitea.head(REPOSITORY, "main"), None);
    assert!(!bed.gitea.requests().iter().any(|it| it.path.ends_with("/git-receive-pack")));
}

#[test]
fn the_status_tells_whether_argo_reads_it() {
    let bed = made();
    let ran = gitea(&bed, "status").exits(0);
    assert!(ran.text().contains("no repository yet"), "{}", ran.text());
    assert!(ran.text().contains("no secret of Argo CD leads to this repository"), "{}", ran.text());
    gitea(&bed, "seed --tree release").exits(0);
    let url = format!("https://gitea-http.gitea.svc.cluster.local/{REPOSITORY}");
    bed.kube.apply(&json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "namespace": "argocd", "name": "repository",
            "labels": { "argocd.argoproj.io/secret-type": "repository" },
        },
        "data": { "url": STANDARD.encode(&url), "password": STANDARD.encode("hush") },
    }));
    let answer = gitea(&bed, "status --format json").exits(0).json();
    assert_eq!(answer["argo"], json!({ "secrets": ["argocd/repository"], "others": 0 }));
    assert_eq!(answer["url"], format!("{url}.git"));
    assert!(answer["version"].as_str().unwrap().starts_with("Gitea 1."), "{answer}");
    assert_eq!(answer["head"]["commit"], bed.gitea.head(REPOSITORY, "main").unwrap());
}

#[test]
fn what_nobody_can_push_to_is_told_before_anything_is_sent() {
    let bed = made();
    gitea(&bed, "seed --tree release").exits(0);
    bed.checkout.write("release/VERSION", "1.2.4\n");
    let is_push = |it: &fake_gitea::Request| it.path.ends_with("/git-receive-pack");
    let pushes = || bed.gitea.requests().iter().filter(|it| is_push(it)).count();
    let before = pushes();

    let json =
        |body: &str| Fault::status(200).header("content-type", "application/json").body(body.to_owned());
    let archived = json(r#"{"full_name":"argocd/edge-manageability-framework","archived":true}"#);
    let moved = Fault::status(301).header("location", "/api/v1/repos/argocd/renamed");
    for (fault, exit, told) in [
        (archived, 1, "is archived: nobody can push to it"),
        (moved, 1, "it has moved to `/api/v1/repos/argocd/renamed`"),
    ] {
        bed.gitea.faults().push(fault.path(format!("/api/v1/repos/{REPOSITORY}")));
        let ran = gitea(&bed, "seed --tree release").exits(exit).stdout("");
        assert!(ran.errors().contains(told), "{}", ran.errors());
        bed.gitea.faults().clear();
    }
    bed.gitea.make_mirror(REPOSITORY);
    let ran = gitea(&bed, "seed --tree release").exits(1);
    assert!(ran.errors().contains("is a mirror: nobody can push to it"), "{}", ran.errors());
    assert_eq!(pushes(), before);
}

#[test]
fn a_protected_branch_is_told_before_anything_is_sent() {
    let bed = made();
    gitea(&bed, "seed --tree release").exits(0);
    let body = r#"{"name":"main","commit":{"id":"0"},"protected":true,"user_can_push":false}"#;
    let fault = Fault::status(200).header("content-type", "application/json").body(body);
    bed.gitea.faults().push(fault.path("*/branches/main"));
    let ran = gitea(&bed, "seed --tree release").exits(3).stdout("");
    assert!(ran.errors().contains("is protected, and not to be pushed to by"), "{}", ran.errors());
}

#[test]
fn credentials_of_somebody_else_make_no_repository() {
    let bed = made();
    bed.gitea.add_user("me", "of-somebody-else");
    bed.checkout.write("token", &bed.gitea.add_token("me", "all", &["all"]));
    let ran = gitea(&bed, "seed --tree release --token-file token").exits(3).stdout("");
    assert!(ran.errors().contains("are those of `me`, and not of its owner"), "{}", ran.errors());
    let scopes = ["write:repository", "write:user"];
    bed.checkout.write("token", &bed.gitea.add_token("argocd", "mine", &scopes));
    gitea(&bed, "seed --tree release --token-file token").exits(0);
}

#[test]
fn without_gitea_nothing_is_seeded() {
    let bed = made();
    bed.runs(false);
    let ran = gitea(&bed, "seed --tree release").exits(3).stdout("");
    assert!(ran.errors().contains("no pod behind service `gitea/gitea-http` is ready"), "{}", ran.errors());
}

#[test]
fn the_server_options_are_not_for_repositories_on_disk() {
    let bed = made();
    let words = ["gitea", "status", "--profile", "local", "--via", "port-forward"];
    bed.checkout.xtask(words).run().exits(2);
}
