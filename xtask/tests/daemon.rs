//! Daemons of the program: their files, and those that are dead, hung or of
//! another version.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod fixture;
mod support;

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::fs::OFlags;
use rustix::process::Signal;
use serde_json::json;

use fixture::impostor::Impostor;
use fixture::{NO_PROCESS, Platform, STAND_INS, files, processes, wait};

/// The answer of a daemon that speaks an older protocol.
const OLD: &str = concat!(
    r#"{"protocol":0,"version":"0.0.9","#,
    r#""answer":{"Err":{"exit":1,"message":"of another version","causes":[],"help":null}}}"#
);

#[test]
fn nobody_else_may_look_into_the_state() {
    let (platform, _) = Platform::up();
    assert_eq!(files::mode(&platform.state("")), 0o700);
    let files = fs::read_dir(platform.state("")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.collect();
    let private = |file: &Path| if file.is_dir() { 0o700 } else { 0o600 };
    let open = files.iter().filter(|file| files::mode(file) != private(file));
    assert_eq!(open.collect::<Vec<_>>(), Vec::<&PathBuf>::new());
    let sockets = files.iter().filter(|file| fs::metadata(file).unwrap().file_type().is_socket());
    assert_eq!(sockets.count(), STAND_INS.len() + 1);
    let keys = files.iter().filter(|file| file.extension().is_some_and(|end| end == "key"));
    assert_eq!(keys.count(), STAND_INS.len() + 1);
}

#[test]
fn daemons_have_no_variables_of_cargo() {
    let platform = Platform::new();
    platform.xtask(["router", "start"]).env("CARGO_PKG_NAME", "xtask").run().exits(0);
    let environment = fs::read(format!("/proc/{}/environ", platform.pid("router"))).unwrap();
    let environment = String::from_utf8(environment).unwrap();
    let variables: Vec<_> = environment.split('\0').filter(|it| it.starts_with("CARGO_")).collect();
    let package = format!("CARGO_MANIFEST_DIR={}", platform.root().join("xtask").display());
    assert!(variables.contains(&package.as_str()), "{variables:?}");
    assert!(!environment.contains("CARGO_PKG_NAME"), "{variables:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is this test that starts the daemon")]
fn its_starters_turn_is_not_passed_on() {
    let platform = Platform::new();
    let turn = platform.root().join("turn");
    let (starter, theirs) = UnixStream::pair().unwrap();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["daemon", "router", "--name", "router", "--profile", "local"])
        .env_clear()
        .env("CARGO_MANIFEST_DIR", platform.root().join("xtask"))
        .stdin(File::create(&turn).unwrap())
        .stdout(OwnedFd::from(theirs))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let process = PathBuf::from(format!("/proc/{}", daemon.id()));
    // It has no configuration yet, so nothing of the service has begun.
    wait::until("standard input to be empty", || {
        fs::read_link(process.join("fd/0")).unwrap() == Path::new("/dev/null")
    });
    let held: Vec<_> = fs::read_dir(process.join("fd"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| fs::read_link(entry.path()).is_ok_and(|file| file == turn))
        .map(|entry| fs::read_to_string(process.join("fdinfo").join(entry.file_name())).unwrap())
        .collect();
    let flags = held[0].lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
    let flags = u32::from_str_radix(flags.trim(), 8).unwrap();
    assert_eq!(held.len(), 1);
    assert_ne!(flags & OFlags::CLOEXEC.bits(), 0);
    drop(starter);
    daemon.wait().unwrap();
}

#[test]
fn standard_error_follows_the_log() {
    let platform = Platform::new();
    let log = platform.state("router.log");
    fs::create_dir_all(platform.state("")).unwrap();
    fs::write(&log, "x".repeat(4 << 20)).unwrap();
    platform.json(["router", "start"]);
    let stderr = format!("/proc/{}/fd/2", platform.pid("router"));
    wait::until("standard error to go to the new log", || fs::read_link(&stderr).unwrap() == log);
    assert!(platform.state("router.log.1").exists());
}

#[test]
fn state_that_others_could_change_is_not_used() {
    let platform = Platform::new();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::create_dir(platform.root().join(".xtask")).unwrap();
    symlink(elsewhere.path(), platform.root().join(".xtask/local")).unwrap();
    platform.xtask(["router", "start"]).run().exits(5).stdout("").stderr(
        "error: `[ROOT]/.xtask/local` is a symbolic link\n\
         help: run as the user who made it, or remove it as that user\n",
    );
    assert!(files::below(elsewhere.path()).is_empty());
    fs::remove_file(platform.root().join(".xtask/local")).unwrap();
}

#[test]
fn files_of_dead_daemons_are_in_nobodys_way() {
    let platform = Platform::new();
    fs::create_dir_all(platform.state("")).unwrap();
    fs::set_permissions(platform.state(""), fs::Permissions::from_mode(0o755)).unwrap();
    for name in STAND_INS.into_iter().chain(["router"]) {
        fs::write(platform.state(&format!("{name}.lock")), "1").unwrap();
        // Closing a listener leaves its file.
        drop(UnixListener::bind(platform.state(&format!("{name}.sock"))).unwrap());
        fs::write(platform.state(&format!("{name}.log")), "half a li").unwrap();
    }
    fs::write(platform.root().join(".xtask/local.lock"), "1").unwrap();
    fs::write(platform.state("ports.json"), "{").unwrap();
    fs::write(platform.state("certificates.json"), "{").unwrap();
    let nothing = "profile: local, the default\nnothing runs; `cargo xtask up` brings it up\n";
    platform.xtask(["status"]).run().exits(0).stdout(nothing).stderr("");
    assert_eq!(platform.json(["up"])["check"]["wrong"], 0);
    assert_eq!(files::mode(&platform.state("")), 0o700);
    platform.json(["down"]);
    assert!(files::below(&platform.root().join(".xtask")).is_empty());
}

#[test]
fn a_hung_daemon_is_told_and_killed() {
    let (platform, _) = Platform::up();
    let router = platform.pid("router");
    processes::signal(router, Signal::STOP);
    let ran = platform.xtask(["status"]).run().exits(3);
    assert!(ran.text().contains("state: up in part only\n"), "{}", ran.text());
    assert!(ran.text().contains("the router does not answer\n"), "{}", ran.text());
    ran.stderr(
        "error: `router` runs but does not answer on `[ROOT]/.xtask/local/router.sock`\n\
         cause: no answer in 5 s\n\
         help: run `cargo xtask down`, then `cargo xtask up`\n",
    );
    let hurried = platform.xtask(["router", "status", "--timeout", "10ms"]).run().exits(4);
    hurried.stdout("the router does not answer\n").stderr(
        "error: the time was up while waiting for an answer of `router`\n\
         help: give it more time with `--timeout`\n",
    );
    let down = platform.json(["down"]);
    let stage = down["stages"].as_array().unwrap().iter().find(|stage| stage["name"] == "router").unwrap();
    assert_eq!(stage["message"], "killed, because it did not answer");
    wait::until("the router to end", || processes::ended(router));
    assert_eq!(processes::daemons(platform.root()), NO_PROCESS);
}

#[test]
fn a_daemon_of_another_version_is_told_and_replaced() {
    let platform = Platform::new();
    let old = Impostor::new(&platform, "router");
    old.answer_all(OLD);
    let told = "error: `router` is of another version: 0.0.9, which speaks protocol 0; \
                this program speaks 1\nhelp: run `cargo xtask down`, then `cargo xtask up`; \
                `router restart` replaces the router alone\n";
    for verb in ["check", "start"] {
        platform.xtask(["router", verb]).run().exits(1).stdout("").stderr(told);
    }
    for args in [vec!["status"], vec!["router", "status"]] {
        let ran = platform.xtask(args).run().exits(1).stderr(told);
        assert!(ran.text().contains("the router does not answer\n"), "{}", ran.text());
    }
    assert!(!old.ended());
    assert_eq!(platform.json(["router", "restart"])["change"], "started");
    wait::until("the old daemon to end", || old.ended());
    assert_eq!(platform.json(["router", "status"])["running"], json!(true));
}

#[test]
fn down_ends_a_daemon_of_another_version() {
    let platform = Platform::new();
    let old = Impostor::new(&platform, "argo");
    old.answer_all(OLD);
    platform.xtask(["up", "-q"]).run().exits(1);
    platform.json(["down"]);
    wait::until("the old daemon to end", || old.ended());
    assert!(files::below(&platform.root().join(".xtask")).is_empty());
}

#[test]
fn up_replaces_stand_ins_of_another_build_and_tells_of_such_a_router() {
    let platform = Platform::new();
    let by_another = r#"cp "$0" another && exec ./another "$@""#;
    platform.xtask(["up", "-q"]).after(by_another).run().exits(0);
    let before = ["router", "gitea"].map(|name| platform.pid(name));
    let up = platform.json(["up"]);
    let stage = |up: &serde_json::Value, name: &str| {
        up["stages"].as_array().unwrap().iter().find(|stage| stage["name"] == name).unwrap().clone()
    };
    assert_eq!(stage(&up, "gitea")["outcome"], "done");
    assert_ne!(platform.pid("gitea"), before[1]);
    // Its table is new, since the stand-ins have other ports; it is kept.
    assert_eq!(platform.pid("router"), before[0]);
    let again = platform.json(["up"]);
    assert_eq!(stage(&again, "gitea")["outcome"], "already");
    let told = stage(&again, "router")["message"].as_str().unwrap().to_owned();
    assert!(told.ends_with("; of another build: `cargo xtask router restart` replaces it"), "{told}");
    platform.json(["router", "restart"]);
    let told = stage(&platform.json(["up"]), "router")["message"].as_str().unwrap().to_owned();
    assert!(!told.contains("another build"), "{told}");
}

#[test]
fn a_socket_path_too_long_for_the_kernel_goes_to_the_runtime_directory() {
    let runtime = tempfile::tempdir().unwrap();
    let platform = Platform::in_a_long_path(150);
    let call = |args: &[&'static str]| {
        platform.xtask(args.iter().copied()).env("XDG_RUNTIME_DIR", runtime.path()).run().exits(0)
    };
    assert_eq!(call(&["up", "--format", "json"]).json()["check"]["wrong"], 0);
    let sockets = files::below(runtime.path());
    let sockets = sockets.keys().filter(|path| path.extension().is_some_and(|end| end == "sock"));
    assert_eq!(sockets.count(), STAND_INS.len() + 1);
    assert_eq!(call(&["status", "--format", "json"]).json()["state"], "up");
    call(&["down"]);
    assert_eq!(processes::daemons(platform.root()), NO_PROCESS);
    assert!(files::below(runtime.path()).is_empty());
}

#[test]
fn a_log_that_cannot_be_written() {
    let platform = Platform::new();
    fs::create_dir_all(platform.state("argo.log")).unwrap();
    let told = "error: cannot write the log `[ROOT]/.xtask/local/argo.log`\n\
                cause: Is a directory (os error 21)\n\
                help: see that it is a file, that its folder is writable and that its disk is not full\n";
    platform.xtask(["up", "-q"]).run().exits(3).stderr(told);
    let expected = STAND_INS.len() - 1;
    assert_eq!(processes::daemons(platform.root()).len(), expected);
    fs::remove_dir(platform.state("argo.log")).unwrap();
    assert_eq!(platform.json(["up"])["check"]["wrong"], 0);
}
