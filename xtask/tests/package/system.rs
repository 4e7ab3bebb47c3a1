//! Installed, upgraded, removed and purged in a Debian.

use std::fs;

use crate::debian::Debian;
use crate::made::{first, second, tarball};
use crate::unit::Unit;

const LINK: &str = "etc/systemd/system/multi-user.target.wants/xtask-gitea-seed.service";
const PROFILE: &str = "etc/xtask-gitea-seed/profiles/onprem.toml";
const RELEASE: &str = "usr/share/xtask-gitea-seed/release.tgz";
const STATE: &str = "var/lib/xtask-gitea-seed";
const SEEDED: &str = "var/lib/xtask-gitea-seed/seeded";

/// What `systemctl` was told, where a script stands in for it.
const CALLS: &str = "tmp/calls";

#[test]
#[ignore = "needs a Debian: `cargo xtask test package`"]
fn from_the_first_installation_to_the_purge() {
    let debian = Debian::new();
    let before = debian.paths();
    debian.install(first());
    assert_eq!(debian.state(), "install ok installed 2026.1.0~rc1");
    assert!(debian.path(LINK).is_symlink());
    assert_eq!(debian.succeeds(&["dpkg", "--verify", "xtask-gitea-seed"]), "");

    // Seeded, and a profile that an administrator changed.
    fs::create_dir(debian.path(STATE)).unwrap();
    fs::write(debian.path(SEEDED), "").unwrap();
    let own = fs::read_to_string(debian.path(PROFILE)).unwrap() + "# ours\n";
    fs::write(debian.path(PROFILE), &own).unwrap();
    debian.install(first());
    assert!(!debian.path(SEEDED).exists(), "the same release is looked at again");

    fs::write(debian.path(SEEDED), "").unwrap();
    debian.install(second());
    assert_eq!(debian.state(), "install ok installed 2026.1.0");
    assert!(!debian.path(SEEDED).exists(), "the new release is seeded");
    assert_eq!(fs::read(debian.path(RELEASE)).unwrap(), tarball("v2026.1.0"));
    assert_eq!(fs::read_to_string(debian.path(PROFILE)).unwrap(), own);

    debian.succeeds(&["dpkg", "--remove", "xtask-gitea-seed"]);
    assert!(debian.state().starts_with("deinstall ok config-files"));
    assert!(!debian.path(LINK).is_symlink() && !debian.path("usr/lib/xtask-gitea-seed").exists());
    assert!(debian.path(PROFILE).exists() && debian.path(STATE).exists());

    debian.install(second());
    assert!(debian.path(LINK).is_symlink(), "it is enabled again");
    fs::write(debian.path("etc/xtask-gitea-seed/of-the-admin"), "").unwrap();
    debian.succeeds(&["dpkg", "--purge", "xtask-gitea-seed"]);
    let left: Vec<_> = debian.paths().difference(&before).cloned().collect();
    // Folders of systemd's, which deb-systemd-helper makes, and what is not the package's.
    let not_ours = |path: &std::path::PathBuf| {
        path.starts_with("etc/xtask-gitea-seed") || !path.to_str().unwrap().contains("xtask")
    };
    assert!(left.iter().all(not_ours), "{left:?}");
    assert!(debian.path("etc/xtask-gitea-seed/of-the-admin").exists());
    assert!(!debian.path(STATE).exists() && !debian.path(PROFILE).exists());
    let gone: Vec<_> = before.difference(&debian.paths()).cloned().collect();
    assert!(gone.is_empty(), "{gone:?}");
}

#[test]
#[ignore = "needs a Debian: `cargo xtask test package`"]
fn what_the_administrator_disabled_stays_so() {
    let debian = Debian::new();
    debian.install(first());
    fs::remove_file(debian.path(LINK)).unwrap();
    debian.install(second());
    assert!(!debian.path(LINK).is_symlink());
}

#[test]
#[ignore = "needs a Debian: `cargo xtask test package`"]
fn it_is_started_without_waiting_where_the_policy_lets_it() {
    let debian = Debian::new();
    // As where systemd runs.
    fs::create_dir_all(debian.path("run/systemd/system")).unwrap();
    debian.write("usr/local/bin/systemctl", &format!("#!/bin/sh\necho \"$@\" >> /{CALLS}\n"));
    // But for `daemon-reload`, which deb-systemd-helper asks for, too.
    let calls = || {
        let calls = fs::read_to_string(debian.path(CALLS)).unwrap();
        fs::remove_file(debian.path(CALLS)).unwrap();
        calls.lines().filter(|line| !line.ends_with("daemon-reload")).collect::<Vec<_>>().join("\n")
    };
    debian.install(first());
    assert_eq!(calls(), "", "the policy forbids more");

    debian.write("usr/sbin/policy-rc.d", "#!/bin/sh\n[ \"$*\" = \"xtask-gitea-seed.service restart\" ]\n");
    debian.install(second());
    let unit = "xtask-gitea-seed.service";
    assert_eq!(
        calls(),
        format!(
            "--system --quiet is-enabled {unit}\n--system --quiet reset-failed {unit}\n\
             --system --quiet --no-block restart {unit}"
        )
    );

    // A start that fails does not leave the package half installed.
    debian.write("usr/local/bin/systemctl", "#!/bin/sh\n[ \"$3\" = is-enabled ]\n");
    debian.install(second());
    assert_eq!(debian.state(), "install ok installed 2026.1.0");
    fs::remove_file(debian.path("usr/sbin/policy-rc.d")).unwrap();
    debian.write("usr/local/bin/systemctl", &format!("#!/bin/sh\necho \"$@\" >> /{CALLS}\n"));
    debian.succeeds(&["dpkg", "--remove", "xtask-gitea-seed"]);
    assert_eq!(calls(), format!("stop {unit}"));
}

#[test]
#[ignore = "needs a Debian: `cargo xtask test package`"]
fn the_installed_program_finds_its_profile_and_keeps_its_state_apart() {
    let debian = Debian::new();
    debian.install(first());
    let unit = Unit::read(&debian.path(""));
    let program = unit.commands[0][0].as_str();
    let run = |args: &[&str]| {
        let words: Vec<String> = [&[program], args].concat().into_iter().map(ToOwned::to_owned).collect();
        debian.execute(&unit, &words)
    };
    let shown = run(&["--profile", "onprem", "profile", "show", "--format=json"]);
    assert!(shown.status.success(), "{shown:?}");
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["profile"]["gitea"]["service"], "gitea/gitea-http:443");
    let verified = run(&["tarball", "verify", &format!("/{RELEASE}"), "--profile=onprem"]);
    assert!(verified.status.success(), "{verified:?}");
    assert!(run(&["profile", "use", "onprem"]).status.success());
    assert_eq!(fs::read_to_string(debian.path(STATE).join("profile")).unwrap(), "onprem\n");
    assert!(!debian.path("etc/xtask-gitea-seed/.xtask").exists());
}
