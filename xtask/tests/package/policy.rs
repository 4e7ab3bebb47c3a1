//! What the tools of the distribution say of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::made::{first, part, read};
use crate::unit::UNIT;

/// How much the unit may expose, in tenths, as `systemd-analyze security` counts.
const EXPOSURE: &str = "--threshold=20";

/// The package, unpacked.
fn unpacked() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let file = first().file.to_str().unwrap();
    read(part("XTASK_TEST_DPKG_DEB"), &["--raw-extract", file], dir.path());
    dir
}

#[test]
#[ignore = "needs lintian: `cargo xtask test package`"]
fn lintian_has_nothing_to_say() {
    let lintian = Command::new(part("XTASK_TEST_LINTIAN"))
        .args(["--fail-on", "error,warning", "--allow-root", "--tag-display-limit=0"])
        .arg(&first().file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&lintian.stdout);
    assert!(lintian.status.success(), "{said}{}", String::from_utf8_lossy(&lintian.stderr));
    // An override that nothing needs any more is told, too.
    assert_eq!(said, "");
}

#[test]
#[ignore = "needs shellcheck: `cargo xtask test package`"]
fn shellcheck_has_nothing_to_say() {
    let dir = unpacked();
    for script in ["postinst", "prerm", "postrm"] {
        let script = dir.path().join("DEBIAN").join(script);
        assert_eq!(read(part("XTASK_TEST_SHELLCHECK"), &["--shell=sh"], &script), "");
    }
}

#[test]
#[ignore = "needs systemd-analyze: `cargo xtask test package`"]
fn systemd_understands_the_unit() {
    let dir = unpacked();
    // It looks for the targets that the unit is ordered by, and for the programs.
    let system = Path::new("/usr/lib/systemd/system");
    for entry in fs::read_dir(system).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if [".target", ".slice"].iter().any(|suffix| name.to_str().unwrap().ends_with(suffix)) {
            fs::copy(entry.path(), dir.path().join("usr/lib/systemd/system").join(name)).unwrap();
        }
    }
    fs::create_dir_all(dir.path().join("usr/bin")).unwrap();
    fs::copy("/usr/bin/touch", dir.path().join("usr/bin/touch")).unwrap();
    let analyze = |args: &[&str]| {
        let mut analyze = Command::new(part("XTASK_TEST_SYSTEMD_ANALYZE"));
        let analyze = analyze.args(args).arg(format!("--root={}", dir.path().display()));
        let output = analyze.env("SYSTEMD_COLORS", "0").output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let unit = dir.path().join(UNIT);
    let (verified, _, complained) = analyze(&["verify", "--man=no", unit.to_str().unwrap()]);
    let about_it: Vec<&str> = complained.lines().filter(|line| line.contains("xtask-gitea-seed")).collect();
    assert!(verified && about_it.is_empty(), "{complained}");
    let (safe, said, complained) =
        analyze(&["security", "--offline=true", EXPOSURE, "xtask-gitea-seed.service"]);
    assert!(safe, "{said}{complained}");
}
