//! `lint` and `test`, with a stand-in for cargo that succeeds or fails by what
//! it is asked.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use snapbox::str;
use support::{Call, Checkout};

/// A call of the program where `cargo` fails for the given sub-commands, and
/// where there is no cargo-deny. It fails too if it is told to be a cargo that
/// is run by cargo, for that would build everything anew.
fn with_cargo(checkout: &Checkout, failing: &str, args: &[&str]) -> Call {
    let script = format!(
        "#!/bin/sh\ntest -z \"$CARGO_MANIFEST_DIR$CARGO_PKG_NAME\" || exit 9\n\
         for bad in {failing}; do test \"$1\" != \"$bad\" || exit 1; done\n"
    );
    checkout.write("bin/cargo", &script);
    let cargo = checkout.root().join("bin/cargo");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let call = checkout.xtask(args).env("CARGO_PKG_NAME", "xtask");
    call.env("PATH", format!("{}:/usr/bin:/bin", checkout.root().join("bin").display()))
}

#[test]
fn what_cannot_be_checked_is_named() {
    let checkout = Checkout::new();
    let ran = with_cargo(&checkout, "", &["lint"]).run().exits(0);
    ran.stdout(str![[r"
✓ format        [..] s
✓ clippy        [..] s
✓ doc           [..] s
- dependencies  [..] s
  `cargo-deny` is missing, needed to check licences, sources and duplicates of dependencies: `cargo install --locked cargo-deny@0.20.2`
- advisories    [..] s
  `cargo-deny` is missing, needed to check licences, sources and duplicates of dependencies: `cargo install --locked cargo-deny@0.20.2`
3 passed, 0 failed, 2 skipped

"]])
        .stderr(str![[r"
$ cargo fmt --all --check
$ cargo clippy --locked --workspace --all-targets -- --deny warnings
$ RUSTDOCFLAGS='--deny warnings' cargo doc --locked --workspace --no-deps

"]]);
}

#[test]
fn every_check_is_run_and_every_failure_reported() {
    let checkout = Checkout::new();
    let ran = with_cargo(&checkout, "fmt doc", &["lint"]).run().exits(1);
    ran.stdout(str![[r"
✗ format        [..] s
  `cargo fmt --all --check` failed: exit status: 1
✓ clippy        [..] s
✗ doc           [..] s
  `RUSTDOCFLAGS='--deny warnings' cargo doc --locked --workspace --no-deps` failed: exit status: 1
...
1 passed, 2 failed, 2 skipped

"]])
        .stderr(str![[r"
...
error: 2 of 5 failed: `format`, `doc`
help: look closer with `cargo fmt --all --check`

"]]);
}

#[test]
fn with_ci_a_skipped_suite_is_a_failure() {
    let checkout = Checkout::new();
    with_cargo(&checkout, "", &["lint"]).env("CI", "true").run().exits(3).stderr(str![[r"
...
error: skipped although CI=true: `dependencies`, `advisories`
help: provide what the summary says is missing

"]]);
}

#[test]
fn only_the_suites_that_are_named() {
    let checkout = Checkout::new();
    let ran = with_cargo(&checkout, "", &["test", "clippy", "tests"]).run().exits(0);
    ran.stdout("✓ clippy  [..] s\n✓ tests   [..] s\n2 passed, 0 failed, 0 skipped\n");
}

#[test]
fn fuzzing_says_how_long() {
    let checkout = Checkout::new();
    let ran = with_cargo(&checkout, "", &["test", "--dry-run", "--fuzz", "format"]).run().exits(0).stderr("");
    ran.stdout(str![[r"
would run `cargo fmt --all --check`
would run `FUZZ_ITERATIONS=10000000 cargo test --locked --workspace --test fuzz`

"]]);
}

#[test]
fn an_unknown_suite_suggests_the_near_one() {
    Checkout::new().xtask(["test", "clipy"]).run().exits(2).stderr(str![[r"
error: `clipy` is no value for `[SUITE]...`
help: did you mean `clippy`? see the same command with `--help`

"]]);
}

#[test]
fn actions_get_a_group_for_each_suite() {
    let checkout = Checkout::new();
    let ran = with_cargo(&checkout, "", &["test", "format"]).env("GITHUB_ACTIONS", "true").run();
    ran.exits(0).stderr("::group::format\n$ cargo fmt --all --check\n::endgroup::\n");
}
