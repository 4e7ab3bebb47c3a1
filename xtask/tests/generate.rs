//! `gen`: lines for /etc/hosts, and the names themselves.

mod support;

use std::fs;

use serde_json::json;
use snapbox::file;
use support::{Call, Checkout};

const NO_CLUSTER: &str = "there is no kubeconfig; the profile's list of hosts is taken\n";
const LEFT_OUT: &str = "there is no kubeconfig; the profile's list of hosts is taken\n\
                        left out, as such a file lists names only: *\n";

fn coder(checkout: &Checkout, args: &[&str]) -> Call {
    let profile = ["--profile", "coder", "--set", "router.bind=127.0.0.1"];
    checkout.xtask(args.iter().chain(&profile))
}

#[test]
fn hosts() {
    let checkout = Checkout::new();
    for namespace in ["gen", "router"] {
        let ran = coder(&checkout, &[namespace, "hosts"]).run();
        ran.exits(0).stderr(LEFT_OUT).stdout(file!["snapshots/hosts.txt"]);
    }
}

#[test]
fn hosts_as_json() {
    let checkout = Checkout::new();
    let hosts = coder(&checkout, &["gen", "hosts", "--format", "json"]).run().exits(0).json();
    assert_eq!((&hosts["schema"], &hosts["command"]), (&json!(1), &json!("gen hosts")));
    assert_eq!((&hosts["address"], &hosts["unlisted"]), (&json!("127.0.0.1"), &json!(["*"])));
    let lines = hosts["lines"].as_array().unwrap();
    let names: Vec<&str> = lines.iter().flat_map(|line| line.as_str().unwrap().split(' ').skip(1)).collect();
    assert_eq!(names.len(), 35 + 4);
}

#[test]
fn a_router_that_listens_everywhere_is_where_others_reach_it() {
    let checkout = Checkout::new();
    let hosts = |bind: &str| {
        let set = format!("router.bind={bind}");
        checkout.xtask(["gen", "hosts", "--set", &set]).run()
    };
    // Whether this machine has a default route or not, both say the same.
    let (everywhere, management) = (hosts("0.0.0.0"), hosts("management"));
    assert_eq!((everywhere.text(), everywhere.errors()), (management.text(), management.errors()));
    assert!(!everywhere.text().contains("0.0.0.0"));
}

#[test]
fn the_block_is_kept_and_removed() {
    let checkout = Checkout::new();
    let file = checkout.root().join("hosts");
    let path = file.to_str().unwrap();
    let before = "127.0.0.1\tlocalhost\r\n# mine\r\n";
    checkout.write("hosts", before);
    let keep = || coder(&checkout, &["gen", "hosts", "--write", path]).run().exits(0).stderr(LEFT_OUT);
    keep().stdout("`[ROOT]/hosts` holds the lines now\n");
    let written = checkout.read("hosts");
    assert!(written.starts_with(&format!("{before}# begin xtask profile coder\r\n127.0.0.1 alerting")));
    assert!(written.ends_with("\r\n# end xtask profile coder\r\n"));

    keep().stdout("`[ROOT]/hosts` was so already\n");
    assert_eq!(checkout.read("hosts"), written);

    fs::write(&file, format!("{written}last")).unwrap();
    let remove = || coder(&checkout, &["gen", "hosts", "--remove", path]).run().exits(0).stderr("");
    remove().stdout("`[ROOT]/hosts` holds the lines no more\n");
    assert_eq!(checkout.read("hosts"), format!("{before}last"));
    remove().stdout("`[ROOT]/hosts` was so already\n");
}

#[test]
fn each_profile_has_its_own_block() {
    let checkout = Checkout::new();
    let keep = |profile| {
        let args =
            ["gen", "hosts", "--write", "hosts", "--profile", profile, "--set", "router.bind=127.0.0.1"];
        checkout.xtask(args).run().exits(0);
    };
    keep("local");
    let local = checkout.read("hosts");
    keep("coder");
    assert!(checkout.read("hosts").starts_with(&local));
    coder(&checkout, &["gen", "hosts", "--remove", "hosts"]).run().exits(0);
    assert_eq!(checkout.read("hosts"), local);
}

#[test]
fn a_dry_run_writes_nothing() {
    let checkout = Checkout::new();
    let ran = coder(&checkout, &["gen", "hosts", "--write", "hosts", "--dry-run"]).run();
    ran.exits(0).stdout("would write `hosts`\n").stderr(LEFT_OUT);
    assert!(!checkout.root().join("hosts").exists());
    let ran = coder(&checkout, &["gen", "hosts", "--remove", "hosts", "--dry-run"]).run();
    ran.exits(0).stdout("would leave as it is `hosts`\n").stderr("");
}

#[test]
fn a_damaged_block_is_left_alone() {
    let checkout = Checkout::new();
    let damaged = "# begin xtask profile coder\n127.0.0.1 a\n";
    checkout.write("hosts", damaged);
    for action in ["--write", "--remove"] {
        let ran = coder(&checkout, &["gen", "hosts", "--quiet", action, "hosts"]).run();
        ran.exits(1).stdout("").stderr(
            "error: the block `xtask profile coder` in `hosts` is damaged: nothing ends what line 1 begins\n\
             help: remove the lines of the block by hand, with those that begin and end it\n",
        );
        assert_eq!(checkout.read("hosts"), damaged);
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let checkout = Checkout::new();
    let ran = coder(&checkout, &["gen", "hosts", "--quiet", "--write", "absent/hosts"]).run();
    ran.exits(3).stdout("").stderr(
        "error: cannot write `absent/hosts`\ncause: No such file or directory (os error 2)[..]\n\
         help: see that its folder is writable and its disk is not full; a mounted file cannot be replaced\n",
    );
}

#[test]
fn writing_and_removing_exclude_each_other() {
    let checkout = Checkout::new();
    coder(&checkout, &["gen", "hosts", "--write", "a", "--remove", "b"]).run().exits(2).stdout("");
}

#[test]
fn names_in_dns_are_no_matter_of_a_file() {
    let ran = Checkout::new().xtask(["gen", "hosts", "--profile", "aws"]).run();
    ran.exits(2).stdout("").stderr(
        "error: the names of profile `aws` are a matter of DNS\n\
         help: let records lead to the load balancers: `cargo xtask router status --profile aws` lists them\n",
    );
}

#[test]
fn sni() {
    // Names need no router: every profile has them.
    let checkout = Checkout::new();
    let ran = checkout.xtask(["gen", "sni", "--profile", "onprem"]).run();
    ran.exits(0).stderr(NO_CLUSTER).stdout(file!["snapshots/sni.txt"]);
    let hosts = checkout.xtask(["gen", "sni", "--format", "json"]).run().exits(0).json();
    let fake = json!({ "host": "fake.host", "port": "https", "route": "orchestrator", "priority": 9 });
    assert!(hosts["hosts"].as_array().unwrap().contains(&fake), "{hosts:#}");
}

#[test]
fn a_device_is_no_hosts_file() {
    let checkout = Checkout::new();
    checkout.xtask(["gen", "hosts", "--write", "/dev/full"]).run().exits(2).stdout("").stderr(
        "left out, as such a file lists names only: *\n\
         error: `/dev/full` is no hosts file\n\
         help: name a regular file of at most 16 MiB, such as `/etc/hosts`\n",
    );
}
