//! The command line itself: help, lists, usage errors, output.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use snapbox::{file, str};
use support::{Checkout, Ran};

fn run<const N: usize>(args: [&str; N]) -> Ran {
    Checkout::new().xtask(args).run()
}

#[track_caller]
fn refused<const N: usize>(args: [&str; N], stderr: &str) {
    run(args).exits(2).stdout("").stderr(stderr.to_owned());
}

#[test]
fn version() {
    run(["version"]).exits(0).stdout("xtask 0.1.0\n").stderr("");
}

#[test]
fn version_as_json() {
    let expected = json!({ "schema": 1, "command": "version", "version": "0.1.0" });
    assert_eq!(run(["version", "--format", "json"]).exits(0).stderr("").json(), expected);
}

#[test]
fn help() {
    let ran = Checkout::new().xtask(["--help"]).run_in_terminal(80).exits(0);
    ran.stdout(file!["snapshots/help.txt"]);
}

#[test]
fn both_forms_of_help_are_one() {
    let long = run(["--help"]).exits(0).stderr("");
    run(["-h"]).exits(0).stderr("").stdout(long.text().to_owned());
}

#[test]
fn help_of_a_target() {
    run(["list", "--help"]).exits(0).stderr("").stdout(str![[r"
List every target with its arguments

Usage: cargo xtask list [OPTIONS]

Global options:
...
"]]);
}

#[test]
fn no_target_is_answered_with_help() {
    let help = run(["--help"]);
    run([]).exits(2).stdout("").stderr(help.text().to_owned());
}

#[test]
fn list() {
    run(["list"]).exits(0).stderr("").stdout(file!["snapshots/list.txt"]);
}

#[test]
fn list_as_json() {
    let list = run(["list", "--format", "json"]).exits(0).stderr("").json();
    assert_eq!((&list["schema"], &list["command"]), (&json!(1), &json!("list")));
    let targets = list["targets"].as_array().unwrap();
    let version = json!({
        "name": "version", "group": "This program", "about": "Show the version", "arguments": []
    });
    assert!(targets.contains(&version), "{list:#}");
}

/// The commands in docs/json.md, and the fields that their answers always have.
fn documented() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let rows = include_str!("../../docs/json.md").lines().filter_map(|line| line.strip_prefix("| `"));
    let row = |row: &'static str| {
        let (commands, fields) = row.split_once('|').unwrap();
        // Every second piece is between backticks, or was opened by the prefix.
        let commands = commands.split('`').step_by(2).filter(|word| !word.trim().is_empty());
        let fields = fields.split([';', '|']).next().unwrap();
        let plain = fields.split('(').map(|part| part.rsplit(')').next().unwrap());
        let fields: BTreeSet<_> = plain.flat_map(|part| part.split('`').skip(1).step_by(2)).collect();
        commands.map(move |command| (command, fields.clone()))
    };
    rows.flat_map(row).collect()
}

#[test]
fn every_answer_is_documented() {
    let documented = documented();
    let list = run(["list", "--format", "json"]).json();
    let targets = list["targets"].as_array().unwrap().iter().map(|target| target["name"].as_str().unwrap());
    // A script is no JSON.
    let answering: BTreeSet<&str> = targets.filter(|target| *target != "completions").collect();
    assert_eq!(documented.keys().copied().collect::<BTreeSet<_>>(), answering);
}

#[test]
fn answers_have_the_documented_fields() {
    let documented = documented();
    let calls = [
        ("doctor", ""),
        ("gen hosts", ""),
        ("gen sni", ""),
        ("gitea seed", "--tree release-sample"),
        ("gitea status", ""),
        ("gitea verify", "--tree release-sample"),
        ("list", ""),
        ("profile list", ""),
        ("profile show", ""),
        ("profile use", "coder"),
        ("router hosts", ""),
        ("router render", "--profile coder"),
        ("version", ""),
    ];
    for (command, arguments) in calls {
        let words = command.split(' ').chain(arguments.split_whitespace()).chain(["--format", "json"]);
        let answer = Checkout::new().xtask(words).run().json();
        let mut fields: BTreeSet<&str> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(fields.remove("schema") && fields.remove("command"), "{answer:#}");
        assert_eq!(fields, documented[command], "{command}");
    }
}

#[test]
fn usage_errors_are_json_too() {
    let cases: [(&[&str], &str); 6] = [
        (&["frobnicate", "--format", "json"], "there is no target `frobnicate`"),
        (&["--format=json", "list", "--fromat"], "`cargo xtask list` takes no argument `--fromat`"),
        (&["--format", "json", "list", "-q", "-v"], "`--quiet` cannot be used with `--verbose`"),
        (&["--format", "json"], "`cargo xtask` needs a target"),
        (&["router", "--format", "json"], "`cargo xtask router` needs a verb"),
        (&["--format", "json", "router"], "`cargo xtask router` needs a verb"),
    ];
    for (args, message) in cases {
        let ran = Checkout::new().xtask(args).run().exits(2).stdout("");
        let said: Value = serde_json::from_str(ran.errors()).unwrap();
        assert_eq!((&said["schema"], &said["error"]["exit"]), (&json!(1), &json!(2)), "{args:?}");
        assert_eq!(said["error"]["message"], message, "{args:?}");
    }
}

#[test]
fn a_target_without_its_verb_is_answered_with_help() {
    let help = run(["router", "--help"]);
    run(["router"]).exits(2).stdout("").stderr(help.text().to_owned());
}

#[test]
fn a_mistyped_target_suggests_the_near_one() {
    refused(
        ["versoin"],
        "error: there is no target `versoin`\nhelp: did you mean `version`? see `cargo xtask --help`\n",
    );
}

#[test]
fn an_unknown_target_points_to_the_list() {
    refused(["frobnicate"], "error: there is no target `frobnicate`\nhelp: see `cargo xtask --help`\n");
}

#[test]
fn an_unknown_flag_suggests_the_near_one() {
    refused(
        ["list", "--fromat", "json"],
        "error: `cargo xtask list` takes no argument `--fromat`\n\
         help: did you mean `--format`? see `cargo xtask list --help`\n",
    );
}

#[test]
fn a_missing_value_names_the_possible_ones() {
    refused(
        ["list", "--format"],
        "error: `--format <FORMAT>` needs a value\nhelp: give one of: text, json\n",
    );
}

#[test]
fn a_value_that_is_none() {
    refused(
        ["list", "--color", "blue"],
        "error: `blue` is no value for `--color <WHEN>`\nhelp: give one of: auto, always, never\n",
    );
}

#[test]
fn a_value_that_does_not_parse_tells_why() {
    refused(
        ["list", "--timeout", "soon"],
        "error: `soon` is no value for `--timeout <TIME>`\n\
         cause: expected number at 0\nhelp: see the same command with `--help`\n",
    );
}

#[test]
fn quiet_and_verbose_exclude_each_other_wherever_they_stand() {
    let said = "error: `--quiet` cannot be used with `--verbose`\nhelp: see `cargo xtask --help`\n";
    refused(["list", "-q", "-v"], said);
    refused(["-q", "list", "-v"], said);
}

#[test]
fn output_that_nobody_reads_is_no_error() {
    let checkout = Checkout::new();
    checkout.xtask(["list"]).run_unread().exits(0).stderr("");
    checkout.xtask(["--help"]).run_unread().exits(0).stderr("");
}

#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    Checkout::new()
        .xtask(["list"])
        .run_into(full)
        .exits(1)
        .stderr("error: cannot write to standard output\ncause: No space left on device (os error 28)\n");
}

#[test]
fn a_narrow_terminal_gets_narrow_lines() {
    for args in [["--help"], ["list"]] {
        let ran = Checkout::new().xtask(args).run_in_terminal(40).exits(0);
        assert_eq!(ran.text().lines().find(|line| line.chars().count() > 40), None, "{args:?}");
    }
}
