//! The image of kind's nodes, and one more for each fault that tests want.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::super::{dir, image::label};
use super::{Kind, PATIENCE};
use crate::context::Context;
use crate::part::KUBERNETES;
use crate::process::Program;
use crate::state::id_of;

/// What can go wrong in a node: `testbed/kind-node/fault.go`. The image
/// `…/node-<fault>` has it.
const FAULTS: [&str; 12] = [
    "silent",
    "kubeadm-init",
    "slow-init",
    "no-admin-conf",
    "taint",
    "cni",
    "storage",
    "join",
    "empty-ready",
    "never-ready",
    "unready-pods",
    "api-dead",
];
/// The names that our program goes by.
const NAMES: [&str; 4] = ["init", "kubeadm", "kubectl", "stand-ins"];
/// Folders of a node that have to be there.
const FOLDERS: [&str; 8] =
    ["bin", "etc/kubernetes", "kind/manifests", "root", "run", "tmp", "usr/local/bin", "var/log"];

/// The image of a node; another workspace has one of its own.
pub fn image(cx: &Context) -> String {
    name(cx, "node")
}

fn name(cx: &Context, image: &str) -> String {
    format!("xtask-testbed-{:016x}/{image}:{KUBERNETES}", id_of(cx.root()))
}

/// Builds all images.
pub fn build(cx: &Context, docker: &Program, kind: &Kind) -> anyhow::Result<()> {
    // A folder of its own: all of it is sent to the daemon.
    let context = tempfile::Builder::new().prefix("node-").tempdir_in(dir(cx));
    let context = context.context("cannot make a folder for the nodes' image")?;
    let root = context.path().join("rootfs");
    fill(cx, &root, kind).context("cannot put a node together")?;
    let source = cx.root().join("testbed/kind-node");
    let build = |name: &str, file: &str, context: &Path, args: &[String]| {
        let build = docker.clone().args(["build", "--tag", name, "--label", &label(cx)]).args(args);
        let build = build.args([Path::new("--file"), &source.join(file), context]);
        // The newer builder would ask a registry for an image of ours.
        let build = build.variable("DOCKER_BUILDKIT", "0");
        cx.reporter.command(&build.to_string());
        let ended = build.quietly(PATIENCE);
        cx.interrupt.check()?;
        ended.map(drop)
    };
    build(&image(cx), "Dockerfile", context.path(), &[])?;
    for fault in FAULTS {
        let name = name(cx, &format!("node-{fault}"));
        let args = [format!("--build-arg=NODE={}", image(cx)), format!("--build-arg=FAULT={fault}")];
        build(&name, "fault.Dockerfile", &root.join("run"), &args)?;
    }
    Ok(())
}

/// Puts the files of a node together.
fn fill(cx: &Context, root: &Path, kind: &Kind) -> anyhow::Result<()> {
    for folder in FOLDERS {
        fs::create_dir_all(root.join(folder))?;
    }
    let programs = root.join("usr/local/bin");
    link(&kind.built.node, &programs.join("kind-node"))?;
    for name in NAMES {
        symlink("kind-node", programs.join(name))?;
    }
    link(&kind.built.kube_apiserver, &programs.join("kube-apiserver"))?;
    link(&kind.built.controller, &programs.join("metallb-controller"))?;
    link(&kind.etcd, &programs.join("etcd"))?;
    link(&kind.busybox, &root.join("bin/busybox"))?;
    for library in [&kind.etcd, &kind.busybox].into_iter().flat_map(|program| libraries(cx, program)) {
        let target = root.join(library.strip_prefix("/")?);
        fs::create_dir_all(target.parent().context("it is in a folder")?)?;
        fs::copy(&library, target)?;
    }
    let commands = Program::new(&kind.busybox).args(["--list"]).read(cx)?;
    for command in commands.lines().filter(|command| *command != "busybox") {
        symlink("busybox", root.join("bin").join(command))?;
    }
    for manifest in ["default-cni.yaml", "default-storage.yaml"] {
        let source = cx.root().join("testbed/kind-node/manifests").join(manifest);
        fs::copy(source, root.join("kind/manifests").join(manifest))?;
    }
    Ok(fs::write(root.join("kind/version"), KUBERNETES)?)
}

/// The libraries of a program; none if it is static.
fn libraries(cx: &Context, program: &Path) -> Vec<PathBuf> {
    let said = Program::new("ldd").args([program]).capture(cx);
    let Ok((true, said)) = said else { return Vec::new() };
    said.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from).collect()
}

fn link(from: &Path, to: &Path) -> io::Result<()> {
    let from = fs::canonicalize(from)?;
    fs::hard_link(&from, to).or_else(|_| fs::copy(&from, to).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_programs_know_these_faults_and_no_others() {
        let source = include_str!("../../../../testbed/kind-node/fault.go");
        let known: Vec<&str> = source
            .lines()
            .filter(|line| line.trim_start().starts_with("fault"))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert_eq!(known, FAULTS);
    }
}
