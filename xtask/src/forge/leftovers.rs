//! What calls that were killed have left of a push, or of a new repository.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// How long nothing may have been written to what nobody owns any more.
/// Git tells nobody whose it is; of a push that is only slow the branch stays
/// as it was, and whoever pushes is told.
const STALE: Duration = Duration::from_hours(1);

/// Beginnings of what Git makes until a push is taken (`tmp-objdir.c`,
/// `object-file.c`, `pack-write.c`); before 2.35 its folder was `incoming-…`.
const TEMPORARY: [&str; 2] = ["tmp_", "incoming-"];

/// Beginning of the name of a repository that is being made.
pub(super) const NEW: &str = ".new-";

/// Beginning of the name of what is being removed. Neither Git nor this program
/// has another use for it.
const SWEPT: &str = ".swept-";

/// Whether a folder of this name, beside the repositories, is no whole one.
pub(super) fn is_leftover(name: &OsStr) -> bool {
    [NEW, SWEPT].iter().any(|start| begins(name, start))
}

/// Removes it, as `git prune` does, but leaves all objects; and repositories
/// beside it that were never whole. `receive-pack` that is ended by a signal
/// removes nothing itself.
pub(super) fn sweep(repository: &Path) {
    let objects = repository.join("objects");
    remove_stale(&objects.join("pack"), &TEMPORARY);
    remove_stale(&objects, &TEMPORARY);
    repository.parent().into_iter().for_each(|owner| remove_stale(owner, &[NEW]));
}

fn remove_stale(folder: &Path, beginnings: &[&str]) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_temporary = beginnings.iter().any(|start| begins(&name, start));
        if begins(&name, SWEPT) || is_temporary && is_stale(&entry.path()).unwrap_or(false) {
            // Another sweep may have been first; what stays is in nobody's way.
            let _ = remove(&entry);
        }
    }
}

fn begins(name: &OsStr, start: &str) -> bool {
    name.as_encoded_bytes().starts_with(start.as_bytes())
}

/// Whether neither it nor anything in it was written to lately.
fn is_stale(path: &Path) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(path)?;
    let age = SystemTime::now().duration_since(metadata.modified()?);
    if !age.is_ok_and(|age| age >= STALE) {
        return Ok(false);
    }
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            if !is_stale(&entry?.path())? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whoever goes on after hours, as a computer that slept does, finds all of a
/// folder or none: half of it could be taken for the whole.
fn remove(entry: &DirEntry) -> io::Result<()> {
    let path = entry.path();
    if !entry.file_type()?.is_dir() {
        return fs::remove_file(path);
    }
    let name = entry.file_name();
    if begins(&name, SWEPT) {
        return fs::remove_dir_all(path);
    }
    let mut swept = OsString::from(SWEPT);
    swept.push(name);
    let swept = path.with_file_name(swept);
    fs::rename(path, &swept)?;
    fs::remove_dir_all(swept)
}
