//! The way that this program replaces: a work tree, a history of its own, force.

use std::fs;

use anyhow::Context as _;

use super::measured;
use super::way::Task;
use crate::process::Program;

/// Seeds; the most bytes that one process had in memory.
pub fn seed(task: &Task<'_>) -> anyhow::Result<u64> {
    fs::create_dir(task.scratch).context("cannot make a work tree")?;
    let branch = format!("--initial-branch={}", task.to.branch());
    let tar = Program::new("tar").args(["--extract", "--gzip", "--strip-components=1", "--file"]);
    let steps = [
        tar.args([task.archive]).dir(task.scratch),
        task.git().args(["init", "--quiet", "--template=", &branch]),
        task.git().args(["add", "--all"]),
        task.git().args(["commit", "--quiet", "--message", task.message]),
    ];
    let mut peak = 0;
    for step in steps {
        peak = peak.max(measured::run(task.cx, &step)?);
    }
    Ok(peak.max(task.push()?))
}
