//! `completions`, in the real shells.
#![allow(clippy::disallowed_methods, reason = "shells are started here")]
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use support::Checkout;

/// What every shell offers for the last word of a line. `cargo` alone has been
/// given `bench` and `build` by somebody else.
const CASES: &[(&str, &[&str])] = &[
    ("cargo xtask ver", &["version"]),
    ("cargo xtask completions ", &["bash", "fish", "zsh"]),
    ("cargo xtask completions f", &["fish"]),
    ("cargo xtask rou", &["router"]),
    ("cargo xtask router sta", &["start", "status"]),
    ("cargo xtask profile use co", &["coder"]),
    ("cargo xtask test cl", &["clients", "clippy"]),
    ("cargo xtask daem", &[]),
    ("cargo xtask --form", &["--format"]),
    ("cargo xtask --color ", &["always", "auto", "never"]),
    ("cargo xtask --profile ", &["aws", "coder", "local", "onprem"]),
    ("cargo xtask --profile coder ver", &["version"]),
    ("cargo +nightly --locked --color always xtask list --dr", &["--dry-run"]),
    ("cargo bu", &["build"]),
    ("cargo xta", &["xtask"]),
    ("cargo bench xta", &[]),
    ("xtask ver", &["version"]),
];

/// What the shell would offer for `line`, sorted.
fn offered(checkout: &Checkout, shell: [&str; 2], script: &Path, line: &str, arg: &str) -> Vec<String> {
    let [program, flag] = shell;
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/shells/complete.{program}"));
    let mut command = Command::new(program);
    command.arg(flag).arg(driver).arg(script).args([line, arg]).stdin(Stdio::null());
    // A folder without files, for they are offered too.
    command.current_dir(checkout.root().join("xtask")).env("HOME", checkout.root());
    let output = command.output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && errors.is_empty(), "{program}: `{line}`: {errors}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let words = stdout.lines().filter_map(|line| line.split('\t').next()).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.sort();
    words.dedup();
    words
}

fn script(checkout: &Checkout, shell: &str) -> std::path::PathBuf {
    let ran = checkout.xtask(["completions", shell]).run().exits(0).stderr("");
    assert!(ran.text().starts_with("# Completion of `cargo xtask`"), "the head says how to install it");
    let path = checkout.root().join(format!("completion.{shell}"));
    fs::write(&path, ran.text()).unwrap();
    path
}

#[track_caller]
fn check(shell: [&str; 2], arg: &str) {
    let checkout = Checkout::new();
    let script = script(&checkout, shell[0]);
    for (line, expected) in CASES {
        assert_eq!(offered(&checkout, shell, &script, line, arg), *expected, "{}: `{line}`", shell[0]);
    }
}

#[test]
fn bash_with_a_completion_of_cargo() {
    check(["bash", "--norc"], "loaded");
}

#[test]
fn bash_with_one_that_is_loaded_at_the_first_tab() {
    check(["bash", "--norc"], "lazy");
}

#[test]
#[ignore = "needs zsh; run by `cargo xtask test`"]
fn zsh() {
    check(["zsh", "-f"], "");
}

#[test]
#[ignore = "needs fish; run by `cargo xtask test`"]
fn fish() {
    check(["fish", "--no-config"], "");
}
