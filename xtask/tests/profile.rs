//! `profile`: shown, listed, chosen, refused.

mod support;

use serde_json::json;
use snapbox::file;
use support::Checkout;

#[test]
fn show() {
    let ran = Checkout::new().xtask(["profile", "show", "--profile", "coder"]).run();
    ran.exits(0).stderr("").stdout(file!["snapshots/profile-show.txt"]);
}

#[test]
fn show_as_json_with_overrides() {
    let show = ["profile", "show", "--profile", "coder", "--format", "json"];
    let set =
        ["--set", "domain=test.example", "--set", "route.argo.priority=30", "--set", "router.bind=eth7"];
    let shown = Checkout::new().xtask(show.iter().chain(&set)).run().exits(0).stderr("").json();
    assert_eq!((&shown["schema"], &shown["command"]), (&json!(1), &json!("profile show")));
    assert_eq!(shown["choice"], json!({ "name": "coder", "source": "flag" }));
    let profile = &shown["profile"];
    assert_eq!(profile["domain"], "test.example");
    assert_eq!(profile["router"]["engine"], "traefik");
    assert_eq!(profile["router"]["bind"], "eth7");
    assert_eq!(profile["router"]["ports"], json!({ "https": 443, "raw": 4433 }));
    let argo = json!({
        "name": "argo", "port": "https", "hosts": ["argo.test.example", "argocd.test.example"],
        "priority": 30, "services": ["argocd/argocd-server:443"]
    });
    assert_eq!(profile["routes"][0], argo);
    assert_eq!(profile["host_list"]["hosts"].as_array().unwrap().len(), 35);
}

#[test]
fn list() {
    Checkout::new().xtask(["profile", "list"]).run().exits(0).stderr("").stdout(
        "PROFILE  DOMAIN                    KUBERNETES  ENTRANCE  CHOSEN\n\
         aws      orchestrator.example.com  eks         aws       \n\
         coder    kind.internal             kind        router    \n\
         local    local.internal            none        router    the default\n\
         onprem   cluster.onprem            rke2        metallb   \n",
    );
}

#[test]
fn one_broken_profile_does_not_hide_the_others() {
    let checkout = Checkout::new();
    checkout.write("profiles/onprem.toml", "name = ");
    let list = checkout.xtask(["profile", "list", "--format", "json"]).run().exits(0).json();
    assert_eq!(list["profiles"][1]["domain"], "kind.internal");
    let error = list["profiles"][3]["error"].as_str().unwrap();
    assert!(error.starts_with("profile `onprem` is not valid\n  profiles/onprem.toml:1:"), "{error}");
    let text = checkout.xtask(["profile", "list"]).run().exits(0);
    assert!(text.text().contains("not valid: see `cargo xtask profile show --profile onprem`"));
}

#[test]
fn what_is_used_is_remembered_until_something_else_is_said() {
    let checkout = Checkout::new();
    let source = |args: &[&str], variable: Option<&str>| {
        let call = checkout.xtask(["profile", "show", "--format", "json"].iter().chain(args));
        let call = match variable {
            Some(name) => call.env("XTASK_PROFILE", name),
            None => call,
        };
        let choice = call.run().exits(0).json()["choice"].clone();
        format!("{} {}", choice["name"].as_str().unwrap(), choice["source"].as_str().unwrap())
    };
    assert_eq!(source(&[], None), "local default");
    let used = || checkout.xtask(["profile", "use", "coder"]).run().exits(0).stderr("");
    used().stdout("profile `coder` is remembered\n");
    used().stdout("profile `coder` was remembered already\n");
    assert_eq!(checkout.read(".xtask/profile"), "coder\n");
    assert_eq!(source(&[], None), "coder remembered");
    assert_eq!(source(&[], Some("aws")), "aws environment");
    assert_eq!(source(&["--profile", "onprem"], Some("aws")), "onprem flag");
}

#[test]
fn use_says_when_the_environment_wins() {
    let ran = Checkout::new().xtask(["profile", "use", "coder"]).env("XTASK_PROFILE", "aws").run();
    ran.exits(0)
        .stdout("profile `coder` is remembered\n")
        .stderr("warning: `XTASK_PROFILE` is set to `aws` and wins over what is remembered\n");
}

#[test]
fn use_in_a_dry_run_writes_nothing() {
    let checkout = Checkout::new();
    let ran = checkout.xtask(["profile", "use", "coder", "--dry-run"]).run();
    ran.exits(0).stdout("would write `coder` in `[ROOT]/.xtask/profile`\n").stderr("");
    assert!(!checkout.root().join(".xtask").exists());
}

#[test]
fn use_refuses_what_is_not_there() {
    let checkout = Checkout::new();
    checkout.xtask(["profile", "use", "codr"]).run().exits(2).stdout("").stderr(
        "error: there is no profile `codr`; did you mean `coder`?\n\
         help: choose one of `aws`, `coder`, `local`, `onprem`\n",
    );
    assert!(!checkout.root().join(".xtask").exists());
}

#[test]
fn a_remembered_profile_that_is_gone_is_named() {
    let checkout = Checkout::new();
    checkout.xtask(["profile", "use", "coder"]).run().exits(0);
    std::fs::remove_file(checkout.root().join("profiles/coder.toml")).unwrap();
    checkout
        .xtask(["profile", "show"])
        .run()
        .exits(2)
        .stdout("")
        .stderr("error: there is no profile `coder`\nhelp: choose one of `aws`, `local`, `onprem`\n");
    // The way out is open.
    checkout.xtask(["profile", "use", "local"]).run().exits(0);
}

#[test]
fn every_mistake_is_told_with_file_line_and_key() {
    let checkout = Checkout::new();
    let text = checkout.read("profiles/coder.toml");
    let text = text.replacen("priority = 20", "priorty = 20", 1).replacen("\"gitea\"]", "\"gi tea\"]", 1);
    checkout.write("profiles/coder.toml", &text);
    // Where the profile has them now; a pool may have a route's name, and comes before.
    let lines: Vec<&str> = text.lines().collect();
    let line = |key: &str| lines.iter().rposition(|line| line.starts_with(key)).unwrap() + 1;
    let (argo, key, gitea) = (line("name = \"argo\"") - 1, line("priorty"), line("hosts = [\"gi tea\"]"));
    let show = ["profile", "show", "--profile", "coder", "--set", "router.ports.raw=443"];
    checkout.xtask(show).run().exits(2).stdout("").stderr(format!(
        "error: profile `coder` is not valid\n  \
           profiles/coder.toml:{argo}:1: key `route.argo.priority` is missing\n  \
           profiles/coder.toml:{key}:1: unknown key `route.argo.priorty`; did you mean `priority`?\n  \
           profiles/coder.toml:{gitea}:10: `route.gitea.hosts`: host `gi tea`: it has a character other than \
           letters, digits, `-`, `_` and `.`\n  \
           --set `router.ports.raw=443`: `router.ports.raw`: port 443 is used twice\n",
    ));
}

#[test]
fn a_profile_without_routes_is_refused() {
    let checkout = Checkout::new();
    let text = checkout.read("profiles/local.toml");
    checkout.write("profiles/local.toml", text.split("[[route]]").next().unwrap());
    checkout.xtask(["router", "status"]).run().exits(2).stdout("").stderr(
        "error: profile `local` is not valid\n  \
           profiles/local.toml:1:1: there are no routes: write a `[[route]]` for each\n",
    );
}

#[test]
fn an_unknown_key_to_set_names_the_near_one() {
    let ran = Checkout::new().xtask(["profile", "show", "--set", "route.argoo.priority=3"]).run();
    ran.exits(2).stdout("").stderr(
        "error: profile `local` is not valid\n  \
           --set `route.argoo.priority=3`: there is no route `argoo`; did you mean `argo`?\n",
    );
}
