//! What is in the package.

use std::fs;

use crate::made::{DATE, Package, first, name, part, read, tarball};

/// Mode, owner, date, and path of everything, as `dpkg-deb` tells it.
const CONTENTS: &str = "\
drwxr-xr-x root/root 2026-01-01 00:00 ./
drwxr-xr-x root/root 2026-01-01 00:00 ./etc/
drwxr-xr-x root/root 2026-01-01 00:00 ./etc/xtask-gitea-seed/
drwxr-xr-x root/root 2026-01-01 00:00 ./etc/xtask-gitea-seed/profiles/
-rw-r--r-- root/root 2026-01-01 00:00 ./etc/xtask-gitea-seed/profiles/onprem.toml
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/lib/
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/lib/systemd/
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/lib/systemd/system/
-rw-r--r-- root/root 2026-01-01 00:00 ./usr/lib/systemd/system/xtask-gitea-seed.service
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/lib/xtask-gitea-seed/
-rwxr-xr-x root/root 2026-01-01 00:00 ./usr/lib/xtask-gitea-seed/xtask
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/share/
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/share/doc/
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/share/doc/xtask-gitea-seed/
-rw-r--r-- root/root 2026-01-01 00:00 ./usr/share/doc/xtask-gitea-seed/changelog.gz
-rw-r--r-- root/root 2026-01-01 00:00 ./usr/share/doc/xtask-gitea-seed/copyright
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/share/lintian/
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/share/lintian/overrides/
-rw-r--r-- root/root 2026-01-01 00:00 ./usr/share/lintian/overrides/xtask-gitea-seed
drwxr-xr-x root/root 2026-01-01 00:00 ./usr/share/xtask-gitea-seed/
-rw-r--r-- root/root 2026-01-01 00:00 ./usr/share/xtask-gitea-seed/release.tgz
";

#[test]
#[ignore = "needs `dpkg-deb`: `cargo xtask test package`"]
fn everything_is_there_with_its_mode_and_the_date_of_the_release() {
    assert_eq!(DATE, 1_767_225_600, "the first second of 2026");
    let listed = read(part("XTASK_TEST_DPKG_DEB"), &["--contents"], &first().file);
    let without_size = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        format!("{} {} {}\n", words[0], words[1], words[3..].join(" "))
    };
    assert_eq!(listed.lines().map(without_size).collect::<String>(), CONTENTS);
}

#[test]
#[ignore = "needs `dpkg-deb`: `cargo xtask test package`"]
fn the_control_file_names_what_it_needs() {
    let field = |name: &str| {
        let args = ["--show", "--showformat", &format!("${{{name}}}")];
        read(part("XTASK_TEST_DPKG_DEB"), &args, &first().file)
    };
    assert_eq!(field("Package"), "xtask-gitea-seed");
    // Before the release that it leads to.
    assert_eq!(field("Version"), "2026.1.0~rc1");
    assert_eq!(
        field("Depends").split(", ").map(|it| it.split(' ').next().unwrap()).collect::<Vec<_>>(),
        ["libc6", "libgcc-s1", "ca-certificates"]
    );
    let host = read("dpkg", &[], "--print-architecture".as_ref());
    assert_eq!(field("Architecture"), host.trim());
    assert!(first().file.ends_with(format!("xtask-gitea-seed_2026.1.0~rc1_{}.deb", host.trim())));
}

#[test]
#[ignore = "needs `dpkg-deb`: `cargo xtask test package`"]
fn the_same_release_makes_the_same_package_to_the_byte() {
    let other = Package::make("v2026.1.0-rc1");
    assert!(fs::read(&first().file).unwrap() == fs::read(&other.file).unwrap(), "they differ");
    let before = fs::metadata(&other.file).unwrap().modified().unwrap();
    // Also with another mask for new files.
    let tarball = name("v2026.1.0-rc1");
    let again = other.checkout.xtask(["gitea", "package", "--format=json", "--tarball", &tarball]);
    let again = again.after("umask 077").run().exits(0).json();
    assert_eq!(again["outcome"], "already");
    assert_eq!(fs::metadata(&other.file).unwrap().modified().unwrap(), before);
    let mut left: Vec<_> =
        fs::read_dir(other.checkout.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.retain(|name| name.to_str().unwrap().starts_with('.'));
    assert!(left.iter().all(|name| name == ".xtask"), "{left:?}");
}

#[test]
#[ignore = "needs `dpkg-deb`: `cargo xtask test package`"]
fn the_files_are_those_that_were_given() {
    let dir = tempfile::tempdir().unwrap();
    let dpkg_deb = part("XTASK_TEST_DPKG_DEB");
    let unpacked = dir.path().to_str().unwrap();
    read(dpkg_deb, &["--raw-extract", first().file.to_str().unwrap()], unpacked.as_ref());
    let there = |path: &str| fs::read(dir.path().join(path)).unwrap();
    assert_eq!(there("usr/share/xtask-gitea-seed/release.tgz"), tarball("v2026.1.0-rc1"));
    let profile = fs::read(first().checkout.root().join("profiles/onprem.toml")).unwrap();
    assert_eq!(there("etc/xtask-gitea-seed/profiles/onprem.toml"), profile);
    assert_eq!(there("DEBIAN/conffiles"), b"/etc/xtask-gitea-seed/profiles/onprem.toml\n");
    let sums = std::process::Command::new("md5sum")
        .args(["--check", "--strict", "DEBIAN/md5sums"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(sums.status.success(), "{sums:?}");
    assert_eq!(String::from_utf8(sums.stdout).unwrap().lines().count(), 6);
}
