//! What the package says of itself.
//!
//! What is filled in is made of numbers and of versions that were checked: none
//! can hold an end of a line, with which a field could end.

use std::io::Write as _;
use std::time::SystemTime;

use anyhow::Context as _;
use flate2::{Compression, GzBuilder};
use serde::Serialize;
use serde_json::json;

use super::place;
use super::tree::Tree;
use crate::render;

const CONTROL: &str = include_str!("../../../templates/debian-control.template");
const SERVICE: &str = include_str!("../../../templates/debian-service.template");
const COPYRIGHT: &str = include_str!("../../../templates/debian-copyright.template");
const CHANGELOG: &str = include_str!("../../../templates/debian-changelog.template");
const OVERRIDES: &str = include_str!("../../../templates/debian-lintian-overrides.template");
/// What `dpkg` runs; nothing is filled in.
const SCRIPTS: [(&str, &str); 3] = [
    ("DEBIAN/postinst", include_str!("../../../templates/debian-postinst.template")),
    ("DEBIAN/prerm", include_str!("../../../templates/debian-prerm.template")),
    ("DEBIAN/postrm", include_str!("../../../templates/debian-postrm.template")),
];
/// The packages are made where they are used, so nobody else maintains them.
const MAINTAINER: &str = "xtask <xtask@localhost>";
const PLAIN: u32 = 0o644;
const SCRIPT: u32 = 0o755;

/// What a package is about.
#[derive(Debug, Serialize)]
pub struct Facts {
    /// Its version, as Debian has it.
    pub version: String,
    /// Its architecture, as Debian calls it.
    pub architecture: &'static str,
    /// The version of the release.
    pub release: String,
    /// SHA-256 of the release's tarball, in hexadecimal.
    pub sha256: String,
}

/// Writes the unit, and what stands in `/usr/share`.
pub fn write_documents(tree: &mut Tree, facts: &Facts, date: SystemTime) -> anyhow::Result<()> {
    let service = render::fill(SERVICE, &json!({ "release": facts.release }))?;
    tree.write(place::UNIT, PLAIN, service.as_bytes())?;
    tree.write(place::COPYRIGHT, PLAIN, COPYRIGHT.as_bytes())?;
    tree.write(place::OVERRIDES, PLAIN, OVERRIDES.as_bytes())?;
    let changelog = render::fill(
        CHANGELOG,
        &json!({
            "version": facts.version,
            "release": facts.release,
            "program": env!("CARGO_PKG_VERSION"),
            "maintainer": MAINTAINER,
            // As Debian writes time zones.
            "date": httpdate::fmt_http_date(date).replace("GMT", "+0000"),
        }),
    )?;
    let changelog = gzip(changelog.as_bytes()).context("cannot compress the changelog")?;
    tree.write(place::CHANGELOG, PLAIN, &changelog)
}

/// Writes what `dpkg` reads, once everything else is there. `sums` is what
/// `md5sum` says of the files.
pub fn write_control(tree: &mut Tree, facts: &Facts, depends: &[String], sums: &str) -> anyhow::Result<()> {
    let control = control(facts, depends, tree.installed_kib()?)?;
    tree.write("DEBIAN/control", PLAIN, control.as_bytes())?;
    tree.write("DEBIAN/md5sums", PLAIN, sums.as_bytes())?;
    tree.write("DEBIAN/conffiles", PLAIN, format!("/{}\n", place::PROFILE).as_bytes())?;
    SCRIPTS.iter().try_for_each(|(path, script)| tree.write(path, SCRIPT, script.as_bytes()))
}

fn control(facts: &Facts, depends: &[String], installed_kib: u64) -> anyhow::Result<String> {
    let depends: Vec<&str> = depends.iter().map(String::as_str).chain(["ca-certificates"]).collect();
    let data = json!({
        "version": facts.version,
        "architecture": facts.architecture,
        "release": facts.release,
        "sha256": facts.sha256,
        "maintainer": MAINTAINER,
        "installed_size": installed_kib,
        "depends": depends.join(", "),
    });
    render::fill(CONTROL, &data)
}

/// Without a name and a date, so that it is always the same.
fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut gzip = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    gzip.write_all(content)?;
    gzip.finish()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::package::version::debian_version;
    use crate::package::{NAME, PROFILE};
    use crate::process::Program;

    fn facts(release: &str) -> Facts {
        let version = debian_version(release).unwrap();
        Facts { version, architecture: "amd64", release: release.to_owned(), sha256: "0".repeat(64) }
    }

    #[test]
    fn the_control_file_has_the_fields_that_were_meant() {
        // As far as a version can go.
        for release in ["v2026.1.0-dev-abc", "1", &format!("1{}", "._+-".repeat(30))] {
            let text = control(&facts(release), &["libc6 (>= 2.34)".to_owned()], 7).unwrap();
            let fields: Vec<&str> = text
                .lines()
                .filter(|line| !line.starts_with(' '))
                .filter_map(|line| Some(line.split_once(": ")?.0))
                .collect();
            assert_eq!(
                fields,
                [
                    "Package",
                    "Version",
                    "Architecture",
                    "Maintainer",
                    "Installed-Size",
                    "Depends",
                    "Section",
                    "Priority",
                    "Homepage",
                    "Description"
                ]
            );
            assert!(text.contains("\nDepends: libc6 (>= 2.34), ca-certificates\n"), "{text}");
            assert!(text.lines().all(|line| !line.trim().is_empty()), "{text}");
            assert!(text.ends_with(".\n"), "{text}");
        }
    }

    #[test]
    fn the_places_in_the_templates_are_those_of_the_package() {
        let starts =
            SERVICE.lines().filter(|line| line.starts_with(&format!("ExecStart=/{} ", place::PROGRAM)));
        assert_eq!(starts.count(), 2, "{SERVICE}");
        assert!(SERVICE.contains(&format!(" gitea seed --tarball /{}\n", place::TARBALL)), "{SERVICE}");
        assert!(SERVICE.contains(&format!("XTASK_ROOT=/etc/{NAME}\n")), "{SERVICE}");
        assert_eq!(place::PROFILE, format!("etc/{NAME}/profiles/{PROFILE}.toml"));
        assert_eq!(place::UNIT, format!("usr/lib/systemd/system/{NAME}.service"));
        for (_, script) in SCRIPTS {
            assert!(script.contains(&format!("{NAME}.service")), "{script}");
        }
    }

    #[test]
    fn a_removal_leaves_the_state_and_a_purge_takes_that_alone() {
        let (_, postrm) = SCRIPTS[2];
        let removed: Vec<&str> = postrm.lines().filter(|line| line.contains("rm -")).collect();
        assert_eq!(removed, [format!("    rm -rf /var/lib/{NAME}")]);
        assert!(postrm.contains(&format!("if [ \"$1\" = purge ]; then\n    rm -rf /var/lib/{NAME}\nfi")));
    }

    #[test]
    fn the_shell_understands_the_scripts() {
        let dir = tempfile::tempdir().unwrap();
        for (name, script) in SCRIPTS {
            let file = dir.path().join(name.replace('/', "-"));
            std::fs::write(&file, script).unwrap();
            let parse = Program::new("sh").args(["-n".as_ref(), file.as_path()]);
            parse.quietly(Duration::from_mins(1)).unwrap();
        }
    }

    #[test]
    fn compressing_twice_makes_the_same() {
        assert_eq!(gzip(b"text").unwrap(), gzip(b"text").unwrap());
    }
}
