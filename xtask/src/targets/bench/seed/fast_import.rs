//! The fastest way that Git's own programs know; see git-fast-import(1).

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use flate2::bufread::GzDecoder;

use super::measured;
use super::way::Task;

/// Bytes that are read from gzip's decoder, and written to Git, at once.
const BUFFER: usize = 128 << 10;

/// Seeds; the most bytes that one process of Git's had in memory.
pub fn seed(task: &Task<'_>) -> anyhow::Result<u64> {
    fs::create_dir(task.scratch).context("cannot make a folder")?;
    let branch = format!("--initial-branch={}", task.to.branch());
    let init = task.git().args(["init", "--quiet", "--bare", "--template=", &branch]);
    let made = measured::run(task.cx, &init)?;
    let import = task.git().args(["fast-import", "--quiet", "--done"]);
    let imported = measured::run_with(task.cx, &import, |stdin| {
        let mut out = BufWriter::with_capacity(BUFFER, stdin);
        commit(&mut out, task)?;
        files(&mut out, task.archive).context("cannot pass on the tarball")?;
        Ok(out.flush()?)
    })?;
    Ok(made.max(imported).max(task.push()?))
}

/// One commit without a parent.
fn commit(out: &mut impl Write, task: &Task<'_>) -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_secs();
    writeln!(out, "commit refs/heads/{}", task.to.branch())?;
    writeln!(out, "committer bench <bench@localhost> {now} +0000")?;
    let message = task.message;
    Ok(writeln!(out, "data {}\n{message}", message.len())?)
}

/// The files of the tarball, which is one of ours: no more than files, in one folder.
fn files(out: &mut impl Write, archive: &Path) -> anyhow::Result<()> {
    let decoder = GzDecoder::new(BufReader::new(File::open(archive)?));
    let mut archive = tar::Archive::new(BufReader::with_capacity(BUFFER, decoder));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let path = path.to_str().and_then(|path| path.split_once('/')).context("a file without a folder")?.1;
        write!(out, "M 100644 inline {path}\ndata {}\n", entry.size())?;
        io::copy(&mut entry, out)?;
        out.write_all(b"\n")?;
    }
    Ok(out.write_all(b"done\n")?)
}
