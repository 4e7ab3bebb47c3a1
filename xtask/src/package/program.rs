//! This program, as it is put into the package.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::libraries;
use crate::context::Context;
use crate::failure::Failure;
use crate::part::Part;
use crate::process::Program;

/// The file of this process, also when another one has taken its name meanwhile.
const OWN: &str = "/proc/self/exe";

/// Debian's name of the architecture that this program is built for.
pub fn architecture() -> anyhow::Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => Err(Failure::failed(format!("no package is made for `{other}`"))
            .help("make it on a machine with an x86-64 or ARM processor of 64 bits")
            .into()),
    }
}

/// Where a program of this machine is; else what brings it.
pub fn find(cx: &Context, part: &Part) -> anyhow::Result<PathBuf> {
    let missing = || Failure::missing(part.absence()).help(format!("install it: {}", part.how()));
    part.find(cx).with_context(missing)
}

/// Puts this program there, without what only a debugger reads.
pub fn copy(cx: &Context, strip: &Path, to: &Path) -> anyhow::Result<()> {
    let copy = || io::copy(&mut File::open(OWN)?, &mut File::create(to)?);
    copy().with_context(|| format!("cannot copy this program to `{}`", to.display()))?;
    let sections = ["--strip-unneeded", "--remove-section=.comment", "--remove-section=.note"];
    read(cx, &Program::new(strip).args(sections).args([to]))?;
    let size = fs::metadata(to).with_context(|| format!("cannot look at `{}`", to.display()))?.len();
    cx.reporter.detail(&format!("the program has {size} bytes"));
    Ok(())
}

/// The packages that have its libraries.
pub fn depends(cx: &Context, program: &Path) -> anyhow::Result<Vec<String>> {
    let readelf = Program::new("readelf").variable("LC_ALL", "C");
    let said = read(cx, &readelf.args(["--wide", "--dynamic", "--version-info"]).args([program]))?;
    libraries::packages(&said)
}

/// What a program prints that is of interest to few.
pub fn read(cx: &Context, program: &Program) -> anyhow::Result<String> {
    cx.reporter.detail(&format!("$ {program}"));
    program.read(cx)
}
