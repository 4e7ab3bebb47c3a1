//! Faults that only a machine of one's own has: a low port without the right to
//! it, an interface with two addresses, a full disk, a read-only one. Each is
//! made in namespaces, which not every machine allows.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod fixture;
mod support;

use std::path::Path;

use fixture::namespace::{self, Ended};
use fixture::{NO_PROCESS, Platform, files, processes};

#[test]
#[ignore = "needs namespaces; run by `cargo xtask test`"]
fn a_low_port_without_the_right_to_it() {
    let platform = Platform::new();
    let start = "ip link set lo up
        exec setpriv --bounding-set=-net_bind_service $XTASK router start --set router.ports.https=443";
    let Ended { status, stdout, stderr } = namespace::run(&platform, start);
    let expected = "error: cannot listen on `127.0.0.1:443`: port 443 needs a right that this user lacks\n\
        cause: Permission denied (os error 13)\n\
        help: run `sudo sysctl net.ipv4.ip_unprivileged_port_start=443`, \
        or choose a port from 1024: `--set router.ports.https=8443`\n";
    assert_eq!((status, stdout.as_str(), stderr.as_str()), (Some(3), "", expected));
    assert_eq!(processes::daemons(platform.root()), NO_PROCESS);
}

#[test]
#[ignore = "needs namespaces; run by `cargo xtask test`"]
fn an_interface_with_two_addresses() {
    let platform = Platform::new();
    let start = "ip link set lo up
        ip address add 127.9.0.2/32 dev lo
        exec $XTASK router start --set router.bind=lo";
    let Ended { status, stdout, stderr } = namespace::run(&platform, start);
    let expected = "error: interface `lo` has 2 addresses: 127.0.0.1, 127.9.0.2\n\
        help: name one address: `--set router.bind=ADDRESS`; \
        there are: lo 127.0.0.1, lo 127.9.0.2, lo ::1\n";
    assert_eq!((status, stdout.as_str(), stderr.as_str()), (Some(3), "", expected));
}

#[test]
#[ignore = "needs namespaces; run by `cargo xtask test`"]
fn a_machine_without_a_default_route() {
    let platform = Platform::new();
    let start = "ip link set lo up
        exec $XTASK router start --set router.bind=management";
    let Ended { status, stdout, stderr } = namespace::run(&platform, start);
    let expected = "error: this machine has no default route, so no `management` address\n\
        cause: Network is unreachable (os error 101)\n\
        help: name an address or an interface: `--set router.bind=ADDRESS`\n";
    assert_eq!((status, stdout.as_str(), stderr.as_str()), (Some(3), "", expected));
}

#[test]
#[ignore = "needs namespaces; run by `cargo xtask test`"]
fn a_full_disk() {
    // The disk is full while certificates, locks, logs, sockets, tarballs,
    // repositories or clones are made.
    for kilobytes in (4..400).step_by(12) {
        let platform = Platform::new();
        let script = format!(
            "ip link set lo up
            mkdir .xtask
            mount -t tmpfs -o size={kilobytes}k tmpfs .xtask
            status=0
            $XTASK up -q >/dev/null || status=$?
            $XTASK down -q >/dev/null || exit 99
            find .xtask -mindepth 1
            exit $status"
        );
        let Ended { status, stdout, stderr } = namespace::run(&platform, &script);
        // Git has words of its own, and none at times.
        let full = ["No space left on device", "disk is not full", "diskspace", "refused the commit"];
        let failed = matches!(status, Some(1 | 3)) && full.iter().any(|words| stderr.contains(words));
        assert!(status == Some(0) || failed, "{kilobytes} kB, {status:?}: {stderr}");
        assert!(!stdout.contains(".xtask/"), "{kilobytes} kB: {stdout}");
        assert_eq!(processes::daemons(platform.root()), NO_PROCESS);
    }
}

#[test]
#[ignore = "needs namespaces; run by `cargo xtask test`"]
fn a_disk_that_fills_up_while_traefiks_files_are_written() {
    let mut statuses = Vec::new();
    for kilobytes in [4, 8, 16, 32, 64] {
        let platform = Platform::new();
        let script = format!(
            "ip link set lo up
            mkdir compose
            mount -t tmpfs -o size={kilobytes}k tmpfs compose
            status=0
            $XTASK router render --profile coder --set router.bind=127.0.0.1 --write -q || status=$?
            find compose -type f
            exit $status"
        );
        let Ended { status, stdout, stderr } = namespace::run(&platform, &script);
        let root = platform.root().display();
        let full = stderr.starts_with("error: cannot ")
            && stderr.contains(&format!("`{root}/compose/"))
            && stderr.contains("\ncause: No space left on device (os error 28)");
        assert!(status == Some(0) || (status == Some(3) && full), "{kilobytes} kB, {status:?}: {stderr}");
        // What is there is whole, and nothing temporary is left.
        let files = stdout.lines().filter(|line| line.starts_with("compose/"));
        let whole = |file: &str| Path::new(file).extension().is_some_and(|end| end == "yml");
        assert!(files.clone().all(whole), "{kilobytes} kB: {stdout}");
        assert!(status == Some(3) || files.count() == 3, "{kilobytes} kB: {stdout}");
        statuses.push(status);
    }
    assert!(statuses.contains(&Some(0)) && statuses.contains(&Some(3)), "{statuses:?}");
}

#[test]
#[ignore = "needs namespaces; run by `cargo xtask test`"]
fn a_read_only_disk() {
    let platform = Platform::new();
    let before = files::below(platform.root());
    let script = "ip link set lo up
        mount --bind . .
        mount -o remount,bind,ro .
        cd \"$PWD\"
        $XTASK version
        $XTASK status
        $XTASK up --dry-run -q >/dev/null
        exec $XTASK up";
    let Ended { status, stdout, stderr } = namespace::run(&platform, script);
    let root = platform.root().display();
    let expected = format!(
        "error: cannot create the state directory `{root}/.xtask`\n\
         cause: Read-only file system (os error 30)\n\
         help: make the workspace writable and see that its disk is not full\n"
    );
    assert_eq!((status, stderr), (Some(3), expected));
    assert!(stdout.ends_with("\nnothing runs; `cargo xtask up` brings it up\n"), "{stdout}");
    assert_eq!(files::below(platform.root()), before);
}
