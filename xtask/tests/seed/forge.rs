//! The forge, as Git's own clients see it.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Stdio};

use crate::bed::{Bed, git_command, run_git, succeeded};
use crate::fixture::{processes, wait};

/// How many programs the forge runs at once, at most.
const PROGRAMS: usize = 16;

/// Where the forge serves the repository over plain HTTP.
pub fn url(bed: &Bed) -> String {
    bed.platform.json(["gitea", "status"])["url"].as_str().unwrap().to_owned()
}

/// The programs that answer clients, without those that they start in turn.
pub fn backends(bed: &Bed) -> Vec<u32> {
    let mut pids = bed.programs();
    pids.retain(|&pid| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let group = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(2));
        group.is_some_and(|group| group == pid.to_string())
    });
    pids
}

#[test]
fn every_dialect_of_git() {
    let bed = Bed::up();
    let url = url(&bed);
    let without_suffix = url.strip_suffix(".git").unwrap().to_owned();
    let clones: [&[&str]; 6] = [
        &["-c", "protocol.version=0", "clone", "-q", &url, "."],
        &["-c", "protocol.version=1", "clone", "-q", &url, "."],
        &["-c", "protocol.version=2", "clone", "-q", &url, "."],
        &["clone", "-q", "--depth=1", &url, "."],
        &["clone", "-q", "--filter=blob:none", &url, "."],
        &["clone", "-q", &without_suffix, "."],
    ];
    for clone in clones {
        let folder = tempfile::tempdir().unwrap();
        succeeded(&run_git(folder.path(), clone));
        let head = succeeded(&run_git(folder.path(), &["rev-parse", "HEAD"]));
        assert_eq!(Some(head.trim()), bed.head().as_deref(), "{clone:?}");
        assert_eq!(fs::read_to_string(folder.path().join("VERSION")).unwrap(), "0.1.0-sample\n");
    }
}

#[test]
fn through_the_router_by_name() {
    let bed = Bed::up();
    let port = bed.platform.listener("https").port();
    let authority = format!("http.sslCAInfo={}", bed.platform.state("ca.pem").display());
    let resolve = format!("http.curloptResolve=gitea.local.internal:{port}:127.0.0.1");
    let url = format!("https://gitea.local.internal:{port}/argocd/edge-manageability-framework.git");
    let folder = tempfile::tempdir().unwrap();
    let clone = |settings: &[&str]| {
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        let args: Vec<_> = settings.chain(["clone", "-q", &url, "clone"]).collect();
        run_git(folder.path(), &args)
    };
    let untrusted = clone(&[&resolve]);
    assert!(
        !untrusted.status.success() && String::from_utf8_lossy(&untrusted.stderr).contains("certificate")
    );
    succeeded(&clone(&[&resolve, &authority]));
    let head = succeeded(&run_git(&folder.path().join("clone"), &["rev-parse", "HEAD"]));
    assert_eq!(Some(head.trim()), bed.head().as_deref());
}

#[test]
fn a_client_follows_releases() {
    let bed = Bed::up();
    let folder = tempfile::tempdir().unwrap();
    succeeded(&run_git(folder.path(), &["clone", "-q", "--depth=1", &url(&bed), "."]));
    for version in ["1", "2"] {
        bed.seeded(&bed.release(version, &[("README.md", version)]));
        succeeded(&run_git(folder.path(), &["pull", "-q", "--ff-only"]));
        assert_eq!(fs::read_to_string(folder.path().join("README.md")).unwrap(), version);
    }
}

#[test]
fn nobody_pushes_over_http() {
    let bed = Bed::up();
    let head = bed.head();
    let folder = tempfile::tempdir().unwrap();
    succeeded(&run_git(folder.path(), &["clone", "-q", &url(&bed), "."]));
    let person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    succeeded(&run_git(
        folder.path(),
        &[&person[..], &["commit", "-q", "--allow-empty", "-m", "x"]].concat(),
    ));
    let pushed = run_git(folder.path(), &["push", "-q", "origin", "HEAD:main"]);
    let said = String::from_utf8_lossy(&pushed.stderr);
    assert!(!pushed.status.success() && said.contains("403"), "{said}");
    assert_eq!(bed.head(), head);
}

#[test]
fn nothing_else_is_served() {
    let bed = Bed::up();
    let url = url(&bed);
    let folder = tempfile::tempdir().unwrap();
    let other = url.replace("edge-manageability-framework", "other");
    let cloned = run_git(folder.path(), &["clone", "-q", &other, "."]);
    let said = String::from_utf8_lossy(&cloned.stderr);
    assert!(!cloned.status.success() && said.contains("not found"), "{said}");
}

#[test]
fn a_hundred_clones_at_once() {
    let bed = Bed::up();
    bed.seeded(&bed.large_release("1", 1));
    let (url, folder) = (url(&bed), tempfile::tempdir().unwrap());
    let start = |number: usize| {
        let mut clone = git_command(folder.path());
        clone.args(["clone", "-q", "--bare", &url]).arg(number.to_string());
        clone.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut clones: Vec<Child> = (0..100).map(start).collect();
    let mut most = 0;
    wait::until("the clones to end", || {
        most = most.max(backends(&bed).len());
        clones.iter_mut().all(|clone| clone.try_wait().unwrap().is_some())
    });
    for clone in clones {
        succeeded(&clone.wait_with_output().unwrap());
    }
    assert!((1..=PROGRAMS).contains(&most), "{most} programs at once");
    wait::until("the programs to end", || backends(&bed).is_empty());
}

#[test]
fn only_this_machine_reaches_what_up_starts() {
    let bed = Bed::up();
    let mut addresses = BTreeSet::new();
    for pid in processes::daemons(bed.root()) {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
        let sockets: BTreeSet<String> = descriptors
            .filter_map(|entry| Some(fs::read_link(entry.path()).ok()?.to_str()?.to_owned()))
            .filter_map(|link| Some(link.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
            .collect();
        for table in ["tcp", "tcp6"] {
            let table = fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap();
            let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
            // Those that listen.
            let rows = rows.filter(|row| row[3] == "0A" && sockets.contains(row[9]));
            addresses.extend(rows.map(|row| row[1].split(':').next().unwrap().to_owned()));
        }
    }
    assert_eq!(addresses, ["0100007F".to_owned()].into(), "127.0.0.1 and nothing else");
}
