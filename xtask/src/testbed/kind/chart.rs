//! The chart of MetalLB for tests: ours, with upstream's definitions.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;
use tempfile::TempDir;

use super::super::dir;
use super::PATIENCE;
use crate::context::Context;
use crate::part::{GO, METALLB};
use crate::process::Program;

/// Where it is, but for upstream's definitions.
pub const SOURCE: &str = "testbed/metallb-chart";
/// MetalLB's module; the controller is of the same version.
const MODULE: &str = "go.universe.tf/metallb";

#[derive(Deserialize)]
struct Downloaded {
    #[serde(rename = "Dir")]
    dir: PathBuf,
}

/// The name of the packed chart.
pub fn archive() -> String {
    format!("metallb-{}.tgz", METALLB.trim_start_matches('v'))
}

/// Packs the chart into a folder of its own.
pub fn pack(cx: &Context, helm: &Path) -> anyhow::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("chart-").tempdir_in(dir(cx));
    let folder = folder.context("cannot make a folder for the chart")?;
    let chart = folder.path().join("metallb");
    copy(&cx.root().join(SOURCE), &chart)?;
    copy(&module(cx)?.join("config/crd/bases"), &chart.join("crds"))?;
    let pack = Program::new(helm).args(["package", "--destination"]).args([folder.path(), &chart]);
    cx.reporter.command(&pack.to_string());
    pack.quietly(PATIENCE)?;
    Ok(folder)
}

/// The folder of MetalLB's module, fetched unless Go has it already.
fn module(cx: &Context) -> anyhow::Result<PathBuf> {
    let go = GO.find(cx).with_context(|| GO.absence())?;
    let module = format!("{MODULE}@{METALLB}");
    // Outside of any module.
    let download = Program::new(go).args(["mod", "download", "-json", &module]).dir(Path::new("/"));
    let download =
        download.variable("GOFLAGS", "").variable("GOTOOLCHAIN", "local").variable("GOWORK", "off");
    let downloaded: Downloaded = serde_json::from_str(&download.read(cx)?)
        .with_context(|| format!("cannot read what Go says of `{module}`"))?;
    Ok(downloaded.dir)
}

/// Copies the content of the files of a folder: a module's are write-protected.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let what = || format!("cannot copy `{}`", from.display());
    fs::create_dir_all(to).with_context(what)?;
    for entry in fs::read_dir(from).with_context(what)? {
        let entry = entry.with_context(what)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            let content = fs::read(&source).with_context(what)?;
            fs::write(target, content).with_context(what)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_has_the_version_by_which_it_is_found() {
        let chart = include_str!("../../../../testbed/metallb-chart/Chart.yaml");
        let version = METALLB.trim_start_matches('v');
        assert!(chart.contains(&format!("\nversion: {version}\nappVersion: {METALLB}\n")), "{chart}");
    }
}
