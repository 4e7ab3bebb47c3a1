//! The stages of `up` that seed a release, and what comes of them later.

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::archive::Archive;
use crate::bed::Bed;
use crate::fixture::{Platform, files, processes, wait};

/// The outcome and the message of a stage.
#[track_caller]
fn stage<'a>(up: &'a Value, name: &str) -> (&'a str, &'a str) {
    let stage = up["stages"].as_array().unwrap().iter().find(|stage| stage["name"] == name).unwrap();
    (stage["outcome"].as_str().unwrap(), stage["message"].as_str().unwrap())
}

fn url(bed: &Bed) -> String {
    bed.platform.json(["gitea", "status"])["url"].as_str().unwrap().to_owned()
}

#[test]
fn the_sample_comes_on_the_branch() {
    let bed = Bed::new();
    let up = bed.platform.json(["up"]);
    for name in ["gitea", "tarball", "seed", "clone"] {
        assert_eq!(stage(&up, name).0, "done", "{name}");
    }
    let tarball = "`.xtask/local/tarball/cloudFull_edge-manageability-framework_0.1.0-sample.tgz`";
    assert_eq!(stage(&up, "tarball").1, tarball);
    assert_eq!(bed.subjects(), ["Seed edge-manageability-framework 0.1.0-sample"]);
    let again = bed.platform.json(["up"]);
    for name in ["gitea", "tarball", "seed"] {
        assert_eq!(stage(&again, name).0, "already", "{name}");
    }
    assert_eq!(stage(&again, "clone").0, "done");
    let left = fs::read_dir(bed.platform.state("")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().starts_with("clone-")));
    bed.is_sound();
}

#[test]
fn a_sample_that_was_changed_is_committed_on_top() {
    let bed = Bed::up();
    let path = "orch-configs/clusters/dev.yaml";
    let file = bed.root().join("release-sample").join(path);
    fs::write(&file, "changed\n").unwrap();
    let up = bed.platform.json(["up"]);
    assert_eq!((stage(&up, "tarball").0, stage(&up, "seed").0), ("done", "done"));
    assert_eq!((bed.subjects().len(), bed.content(path).as_str()), (2, "changed\n"));
}

#[test]
fn a_tarball_in_place_of_the_sample() {
    let bed = Bed::new();
    bed.release("9.1", &[("README.md", "nine\n")]);
    fs::create_dir(bed.root().join("below")).unwrap();
    let below = bed.root().join("below");
    let call = bed.platform.xtask(["up", "--tarball", "../9.1.tgz", "--format", "json"]).dir(&below);
    let up = call.run().exits(0).json();
    let names: Vec<_> = up["stages"].as_array().unwrap().iter().map(|stage| &stage["name"]).collect();
    assert!(!names.contains(&&json!("tarball")), "{names:?}");
    assert_eq!(bed.subjects(), ["Seed emf 9.1"]);
    let again = bed.platform.json(["up", "--tarball", "9.1.tgz"]);
    assert_eq!(stage(&again, "seed").0, "already");
    // The sample gives way to it.
    let without = bed.platform.json(["up"]);
    assert_eq!(stage(&without, "seed").0, "already");
    assert!(stage(&without, "seed").1.ends_with(", which stays"), "{without:#}");
    assert_eq!(bed.subjects(), ["Seed emf 9.1"]);
}

#[test]
fn what_was_seeded_or_committed_stays() {
    let bed = Bed::up();
    bed.seeded(&bed.release("9.1", &[("README.md", "nine\n")]));
    let up = bed.platform.json(["up"]);
    assert_eq!(stage(&up, "seed").0, "already");
    assert_eq!(bed.subjects().last().unwrap(), "Seed emf 9.1");
    let person = bed.person_commits("README.md", "by hand\n");
    bed.platform.json(["up"]);
    assert_eq!(bed.head(), Some(person));
}

#[test]
fn what_only_a_person_commits_is_no_obstacle() {
    let bed = Bed::up();
    let folder = tempfile::tempdir().unwrap();
    let repository = bed.repository();
    let git = |args: &[&str]| crate::bed::succeeded(&crate::bed::run_git(folder.path(), args));
    git(&["clone", "-q", repository.to_str().unwrap(), "."]);
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("absolute")).unwrap();
    git(&["add", "absolute"]);
    let module = "160000,0123456789012345678901234567890123456789,module";
    git(&["update-index", "--add", "--cacheinfo", module]);
    git(&["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "-q", "-m", "By hand"]);
    git(&["push", "-q", "origin", "HEAD:main"]);
    let head = bed.head();
    bed.platform.json(["up"]);
    assert_eq!(bed.head(), head);
}

#[test]
fn a_release_that_git_would_convert() {
    let bed = Bed::new();
    let attributes =
        "*.bat text eol=crlf\n*.id ident\n*.txt working-tree-encoding=UTF-16\n*.bin filter=lfs\n";
    let archive = Archive::release(
        "1",
        [
            (".gitattributes", attributes),
            ("a.bat", "one\ntwo\n"),
            ("a.id", "$Id$\n"),
            ("a.txt", "x\n"),
            ("a.bin", "b\n"),
        ],
    );
    bed.put("1.tgz", archive.tgz());
    bed.platform.json(["up", "--tarball", "1.tgz"]);
    assert_eq!(bed.content("a.bat"), "one\ntwo\n");
}

#[test]
fn a_bad_tarball_fails_its_stage_alone() {
    let bed = Bed::new();
    bed.put("bad.tgz", Archive::release("1", []).link("emf/out", "../../etc").tgz());
    for (name, said) in [("bad.tgz", "`emf/out` is refused"), ("absent.tgz", "`absent.tgz` cannot be opened")]
    {
        let ran = bed.platform.xtask(["up", "--tarball", name, "--format", "json"]).run().exits(1);
        let up = ran.json();
        assert_eq!(stage(&up, "seed").0, "failed");
        assert!(stage(&up, "seed").1.contains(said), "{up:#}");
        assert_eq!(stage(&up, "clone"), ("skipped", "a stage before it failed"));
        for name in ["gitea", "argo", "router", "routes"] {
            assert!(["done", "already"].contains(&stage(&up, name).0), "{name}");
        }
        assert_eq!(bed.head(), None);
    }
    let up = bed.platform.json(["up"]);
    assert_eq!(stage(&up, "seed").0, "done");
}

#[test]
fn a_cluster_is_brought_up_without_a_release() {
    let platform = Platform::new();
    let before = files::below(platform.root());
    let call = platform.xtask(["up", "--profile", "coder", "--tarball", "a.tgz"]);
    call.run()
        .exits(2)
        .stdout("")
        .stderr("error: profile `coder` is [..]\nhelp: [..]`cargo xtask gitea seed`\n");
    assert_eq!(files::below(platform.root()), before);
}

#[test]
fn interrupted_while_it_seeds() {
    let bed = Bed::new();
    bed.seeded(&bed.release("1", &[("README.md", "one\n")]));
    bed.release("2", &[("README.md", "two\n")]);
    bed.hook("pre-receive", "echo waiting >\"$GIT_DIR\"/../waiting; exec sleep 1000");
    let up = bed.platform.xtask(["up", "--tarball", "2.tgz"]).spawn();
    wait::until("the hook to run", || bed.repository().join("../waiting").exists());
    processes::signal(up.id(), Signal::INT);
    let ended = up.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(said.contains("\nerror: interrupted; still running: "), "{said}");
    wait::until("the push to end", || bed.programs().is_empty());
    assert_eq!(bed.subjects(), ["Seed emf 1"]);
    fs::remove_dir_all(bed.repository().join("hooks")).unwrap();
    bed.platform.json(["up", "--tarball", "2.tgz"]);
    assert_eq!(bed.subjects(), ["Seed emf 1", "Seed emf 2"]);
    bed.is_intact();
}

#[test]
fn a_killed_forge_comes_back_where_it_was() {
    let bed = Bed::new();
    let port = lasting_port();
    fs::create_dir_all(bed.platform.state("")).unwrap();
    fs::write(bed.platform.state("forge.port"), port.to_string()).unwrap();
    bed.platform.json(["up"]);
    let before = url(&bed);
    let address = &format!("127.0.0.1:{port}");
    assert!(before.starts_with(&format!("http://{address}/")), "{before}");
    drop(killed_forge(&bed, address));
    assert_eq!(bed.platform.json(["gitea", "status"])["url"], Value::Null);
    bed.platform.xtask(["status"]).run().exits(3);
    let up = bed.platform.json(["up"]);
    assert_eq!(stage(&up, "gitea").0, "done");
    assert_eq!(url(&bed), before);
    let taken = killed_forge(&bed, address);
    bed.platform.json(["up"]);
    assert_ne!(url(&bed), before);
    drop(taken);
}

/// A free port that the system gives to nobody who asks for any.
fn lasting_port() -> u16 {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap();
    let given: u16 = range.split_whitespace().next().unwrap().parse().unwrap();
    // Where the system gives any, this one may be given to another, too.
    let given = if given > 2048 { given } else { 65535 };
    // Others who look for one begin elsewhere.
    let first = 1024 + u16::try_from(std::process::id() % u32::from(given - 1024)).unwrap();
    let mut ports = (first..given).chain(1024..first);
    ports.find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok()).unwrap()
}

/// Kills the forge, and takes its place.
fn killed_forge(bed: &Bed, address: &str) -> TcpListener {
    processes::kill(bed.platform.pid("gitea"));
    let mut taken = None;
    // Its other threads end a moment later.
    wait::until("the port to be free", || {
        taken = TcpListener::bind(address).ok();
        taken.is_some()
    });
    taken.unwrap()
}

#[test]
fn a_repository_that_was_removed_is_made_again() {
    let bed = Bed::up();
    fs::remove_dir_all(bed.repository()).unwrap();
    let up = bed.platform.json(["up"]);
    assert_eq!((stage(&up, "gitea").0, stage(&up, "seed").0), ("done", "done"));
    assert_eq!(bed.subjects().len(), 1);
}

#[test]
fn a_time_that_is_up_ends_it() {
    let bed = Bed::new();
    bed.seeded(&bed.release("1", &[("README.md", "one\n")]));
    bed.release("2", &[("README.md", "two\n")]);
    bed.hook("pre-receive", "exec sleep 1000");
    let up = bed.platform.xtask(["up", "--tarball", "2.tgz", "--timeout", "20s"]);
    up.within(Duration::from_mins(3)).run().exits(4);
    wait::until("the push to end", || bed.programs().is_empty());
    assert_eq!(bed.subjects(), ["Seed emf 1"]);
}
