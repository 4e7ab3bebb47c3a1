//! `bench seed`.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use snapbox::str;

use crate::support::{Call, Checkout, Ran};
use crate::{in_workspace, path_after};

/// One round of the smallest input.
pub const SHORT: [&str; 9] =
    ["bench", "seed", "--quick", "--over", "path", "--rounds", "1", "--format", "json"];

/// One round over HTTPS, with the state in the checkout.
pub fn over_https(checkout: &Checkout, input: &str) -> Call {
    let args = ["bench", "seed", "--input", input, "--over", "https", "--rounds", "1"];
    in_workspace(checkout, &args).env("XTASK_STATE_DIR", checkout.root().join(".xtask"))
}

fn bench(args: &[&str]) -> (Checkout, Ran) {
    let checkout = Checkout::new();
    let ran = checkout.xtask(["bench", "seed"].iter().chain(args)).run();
    (checkout, ran)
}

/// Nothing but the lock is left, which is of no size to speak of.
#[track_caller]
pub fn assert_clean(checkout: &Checkout) {
    assert!(!checkout.root().join(".xtask/bench.seed").exists());
}

/// The value of `key` for each way, of one of the seedings.
fn of<'a>(answer: &'a Value, seeding: &str, key: &str) -> Vec<&'a Value> {
    let measurements = answer["inputs"][0]["measurements"].as_array().unwrap();
    measurements.iter().filter(|it| it["seeding"] == seeding).map(|it| &it[key]).collect()
}

#[test]
fn a_dry_run_makes_nothing() {
    let (checkout, ran) = bench(&["--dry-run", "--quick"]);
    ran.exits(0).stderr("").stdout(str![[r"
would run `cargo build --workspace --example gitea --message-format json`
would start a server with TLS on a free port of 127.0.0.1
would make two tarballs of `emf`, the second with one file of a hundred changed
would seed the first, the second and the second again over https 3 times: `tar --extract`, `git init`, `git add`, `git commit`, `git push --force`
would seed the first, the second and the second again over https 3 times: `git fast-import` of what is read from the tarball, and `git push --force`; the reader's memory does not count
would seed the first, the second and the second again over https 3 times: `gitea seed --tarball`, on top of what is there
would remove `[ROOT]/.xtask/bench.seed`

"]]);
    assert!(!checkout.root().join(".xtask").exists());
}

#[test]
fn each_transport_is_taken_once() {
    let lines = |over: &[&str]| {
        let over = over.iter().flat_map(|it| ["--over", it]);
        let (_, ran) =
            bench(&["--dry-run", "--quick", "--rounds", "1"].into_iter().chain(over).collect::<Vec<_>>());
        ran.exits(0).text().to_owned()
    };
    let path = lines(&["path"]);
    assert!(path.starts_with("would make two tarballs"), "no server is needed: {path}");
    assert_eq!(path.matches("over path once: ").count(), 3, "{path}");
    let both = lines(&["https", "path", "https"]);
    let count = |over| both.matches(&format!("over {over} once: ")).count();
    assert_eq!((count("path"), count("https")), (3, 3), "{both}");
}

#[test]
fn what_is_asked_for_is_measured_once_each() {
    let inputs = |args: &[&str]| {
        let (_, ran) = bench(&[&["--dry-run"], args].concat());
        let ran = ran.exits(0);
        let lines = ran.text().lines().filter_map(|line| line.strip_prefix("would make two tarballs of `"));
        lines.map(|line| line.split('`').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(inputs(&[]), ["emf", "synth", "tiny"]);
    assert_eq!(inputs(&["--input", "tiny", "--input", "emf", "--input", "tiny"]), ["emf", "tiny"]);
}

#[test]
fn what_cannot_be_measured_is_a_usage_error() {
    for (args, expected) in [
        (&["--rounds", "101"][..], "1..=100"),
        (&["--input", "vast"], "emf"),
        (&["--over", "ssh"], "https"),
        (&["--quick", "--input", "tiny"], "--input"),
        (&["--set", "gitea.branch=main..x"], "gitea.branch"),
    ] {
        let (checkout, ran) = bench(args);
        let ran = ran.exits(2).stdout("");
        assert!(ran.errors().contains(expected), "{}", ran.errors());
        assert!(!checkout.root().join(".xtask").exists());
    }
}

#[test]
fn all_ways_are_measured_and_nothing_is_left() {
    let checkout = Checkout::new();
    let answer = checkout.xtask(SHORT).run().exits(0).json();
    assert_eq!((&answer["schema"], &answer["command"]), (&json!(1), &json!("bench seed")));
    assert_eq!((&answer["rounds"], &answer["aim_peak_bytes"]), (&json!(1), &json!(64 << 20)));
    assert!(answer["git"].as_str().unwrap().starts_with("git version"), "{answer:#}");
    let input = &answer["inputs"][0];
    assert_eq!(
        (&input["name"], &input["files"], &answer["inputs"][1]),
        (&json!("emf"), &json!(377), &json!(null))
    );
    assert_measured(&answer, "path");
    assert_clean(&checkout);
}

#[test]
fn all_ways_push_to_the_same_server_and_nothing_is_left() {
    let checkout = Checkout::new();
    let answer = over_https(&checkout, "emf").run().exits(0).json();
    assert_measured(&answer, "https");
    assert_sent(&answer, 50_000);
    assert_clean(&checkout);
}

/// Each seeding was measured each way.
#[track_caller]
fn assert_measured(answer: &Value, over: &str) {
    for seeding in ["first", "changed", "unchanged"] {
        assert_eq!(of(answer, seeding, "way"), ["unpack", "fast_import", "gitea_seed"], "{answer:#}");
        assert_eq!(of(answer, seeding, "over"), [over; 3], "{answer:#}");
        for key in ["seconds", "times"] {
            let medians = of(answer, seeding, key).into_iter().map(|it| it["median"].as_f64().unwrap());
            assert!(medians.clone().all(|median| median > 0.0), "{answer:#}");
        }
        assert_eq!(of(answer, seeding, "times")[0], &json!({ "median": 1.0, "min": 1.0, "max": 1.0 }));
        assert!(of(answer, seeding, "peak_bytes").iter().all(|it| it.as_u64() > Some(1 << 20)), "{answer:#}");
    }
    assert_eq!(of(answer, "first", "aim_times")[..2], [&json!(null), &json!(null)]);
    assert!(of(answer, "first", "aim_times")[2].is_number(), "{answer:#}");
}

/// What is pushed by force is all there is, at least so many bytes; this
/// program sends what has changed.
#[track_caller]
fn assert_sent(answer: &Value, all: u64) {
    let sent = |seeding| -> Vec<u64> {
        of(answer, seeding, "sent_bytes").into_iter().map(|it| it.as_u64().unwrap()).collect()
    };
    let (first, changed, unchanged) = (sent("first"), sent("changed"), sent("unchanged"));
    assert!(first.iter().all(|bytes| *bytes > all), "{first:?}");
    assert!(changed[..2].iter().chain(&unchanged[..2]).all(|bytes| *bytes > all), "{answer:#}");
    assert!(0 < changed[2] && changed[2] < first[2] / 5, "{answer:#}");
    assert_eq!(unchanged[2], 0);
}

#[test]
fn what_each_way_sends_is_told() {
    let checkout = Checkout::new();
    assert_sent(&checkout.xtask(SHORT).run().exits(0).json(), 50_000);
}

/// Bounds that no machine changes: memory, and what is sent.
#[test]
#[ignore = "takes minutes; run by `cargo xtask test`"]
fn memory_is_bounded_however_large_the_release() {
    let checkout = Checkout::new();
    let answer = over_https(&checkout, "synth").within(Duration::from_mins(30)).run().exits(0).json();
    assert_measured(&answer, "https");
    assert_sent(&answer, 100_000_000);
    let aim = answer["aim_peak_bytes"].as_u64();
    assert_eq!(aim, Some(64 << 20));
    for seeding in ["first", "changed", "unchanged"] {
        assert!(of(&answer, seeding, "peak_bytes")[2].as_u64() <= aim, "{answer:#}");
    }
    assert_clean(&checkout);
}

/// A folder with a program that does what `script` says.
pub fn with(checkout: &Checkout, program: &str, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    checkout.write(&format!("bin/{program}"), script);
    let bin = checkout.root().join("bin");
    std::fs::set_permissions(bin.join(program), std::fs::Permissions::from_mode(0o755)).unwrap();
    bin
}

#[test]
fn ways_that_end_with_different_trees_are_no_comparison() {
    let checkout = Checkout::new();
    let tar: PathBuf = env::split_paths(&env::var_os("PATH").unwrap())
        .map(|folder| folder.join("tar"))
        .find(|tar| tar.is_file())
        .unwrap();
    let script = format!("#!/bin/sh\nexec {} \"$@\" --exclude=page-000042.txt\n", tar.display());
    let path = path_after([with(&checkout, "tar", &script)]);
    let ran = checkout.xtask(&SHORT[..7]).env("PATH", path).run().exits(1).stdout("");
    assert!(ran.errors().contains("error: `fast_import` made the tree"), "{}", ran.errors());
    assert_clean(&checkout);
}

#[test]
fn a_program_that_fails_is_told_with_its_words() {
    let checkout = Checkout::new();
    let bin = with(&checkout, "tar", "#!/bin/sh\necho out of tape >&2\nexit 7\n");
    let ran = checkout.xtask(&SHORT[..7]).env("PATH", path_after([bin])).run().exits(1).stdout("");
    assert!(ran.errors().contains("failed: exit status: 7: out of tape"), "{}", ran.errors());
    assert_clean(&checkout);
}
