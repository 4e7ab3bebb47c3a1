//! Where things are once the package is installed. The unit and the scripts in
//! `templates/` have the same places.

/// The program. It is run by the unit alone, so it is in nobody's `PATH`.
pub const PROGRAM: &str = "usr/lib/xtask-gitea-seed/xtask";
/// The profile, which administrators may change.
pub const PROFILE: &str = "etc/xtask-gitea-seed/profiles/onprem.toml";
/// The release.
pub const TARBALL: &str = "usr/share/xtask-gitea-seed/release.tgz";
/// The unit.
pub const UNIT: &str = "usr/lib/systemd/system/xtask-gitea-seed.service";
/// Who may use it how.
pub const COPYRIGHT: &str = "usr/share/doc/xtask-gitea-seed/copyright";
/// What changed.
pub const CHANGELOG: &str = "usr/share/doc/xtask-gitea-seed/changelog.gz";
/// What lintian need not say.
pub const OVERRIDES: &str = "usr/share/lintian/overrides/xtask-gitea-seed";
