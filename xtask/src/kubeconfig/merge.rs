//! Our context in the user's kubeconfig, and out of it again.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use zeroize::Zeroizing;

use super::Merged;
use super::edit::{self, Edited, Unreadable};
use super::entries::Entries;
use super::lock::FileLock;
use super::record::{Before, Record};
use crate::context::Context;
use crate::failure::Failure;
use crate::replace::{replace, replace_private};

/// Copies `context` from the cluster's own kubeconfig into the user's. One that
/// is there is left as it is but for our three entries; its `current-context`
/// is the user's. While another program holds kubectl's lock, that is waited for.
pub fn merge(cx: &Context, context: &str) -> anyhow::Result<Merged> {
    let ours = own(cx, context)?;
    let mut record = Record::read(cx)?;
    let file = users(cx, &record)?;
    let merged = |changed| Merged { file: file.clone(), context: context.to_owned(), changed };
    make_folder(&file)?;
    let _lock = FileLock::acquire(cx, &file)?;
    let Some(there) = read(&file)? else {
        record.0.insert(file.clone(), Before { absent: true, ..Before::default() });
        // Before the file: what is there shall be found.
        record.keep(cx)?;
        let text = serde_yaml_ng::to_string(&ours.alone()).context("cannot write a kubeconfig")?;
        replace_private(&file, Zeroizing::new(text).as_bytes())?;
        return Ok(merged(true));
    };
    let edited = edit::add(&there, &ours).map_err(|error| unreadable(&file, &error))?;
    let Some(Edited { text, rewritten, empties, .. }) = edited else { return Ok(merged(false)) };
    let mut before = record.before(&file);
    before.empties.extend(empties);
    record.0.insert(file.clone(), before);
    record.keep(cx)?;
    replace(&file, Zeroizing::new(text).as_bytes())?;
    note_rewritten(cx, &file, rewritten);
    Ok(merged(true))
}

/// Takes the context out of every kubeconfig that it may be in: those that it
/// was put into, and the user's. Says whether it was in one.
pub fn take_out(cx: &Context, context: &str) -> anyhow::Result<bool> {
    let mut record = Record::read(cx)?;
    let mut files: Vec<PathBuf> = record.0.keys().cloned().collect();
    files.extend(cx.environment.kubeconfig.iter().map(|file| absolute(file)));
    files.sort();
    files.dedup();
    // That one goes as a whole.
    files.retain(|file| *file != cx.own_kubeconfig());
    let mut was_there = false;
    for file in files {
        was_there |= take_out_of(cx, context, &file, &record.before(&file))?;
        record.0.remove(&file);
        record.keep(cx)?;
    }
    Ok(was_there)
}

fn take_out_of(cx: &Context, context: &str, file: &Path, before: &Before) -> anyhow::Result<bool> {
    let edit = || -> anyhow::Result<Option<Edited>> {
        // What does not name the context is not even understood.
        let Some(text) = read(file)?.filter(|text| text.contains(context)) else { return Ok(None) };
        Ok(edit::remove(&text, context, &before.empties).map_err(|error| unreadable(file, &error))?)
    };
    // Without the lock at first: most have no context of ours.
    if edit()?.is_none() {
        return Ok(false);
    }
    let _lock = FileLock::acquire(cx, file)?;
    let Some(edited) = edit()? else { return Ok(false) };
    if before.absent && edited.is_empty {
        fs::remove_file(file).with_context(|| format!("cannot remove `{}`", file.display()))?;
        return Ok(true);
    }
    replace(file, Zeroizing::new(edited.text).as_bytes())?;
    note_rewritten(cx, file, edited.rewritten);
    if edited.cleared {
        let note = format!("`{}` had `{context}` as its current context; it has none now", file.display());
        cx.reporter.note(&note);
    }
    Ok(true)
}

/// The user's file, of those in `KUBECONFIG`, else `~/.kube/config`: the one
/// that has the context, else the one that kubectl puts new entries into,
/// which is the first that is there, and the last if none is.
fn users(cx: &Context, record: &Record) -> Result<PathBuf, Failure> {
    let files: Vec<PathBuf> = cx.environment.kubeconfig.iter().map(|file| absolute(file)).collect();
    let known = files.iter().find(|file| file.exists() && record.0.contains_key(*file));
    let file = known.or_else(|| files.iter().find(|file| file.exists())).or(files.last());
    file.cloned().ok_or_else(|| {
        Failure::missing("there is no home to keep a kubeconfig in").help("name a file with KUBECONFIG")
    })
}

/// The entries of the cluster's own kubeconfig.
fn own(cx: &Context, context: &str) -> anyhow::Result<Entries> {
    let path = cx.own_kubeconfig();
    let help = "make it anew with `cargo xtask kind up`";
    let text = read(&path)?.ok_or_else(|| {
        Failure::missing(format!("there is no kubeconfig of the cluster: `{}`", path.display())).help(help)
    })?;
    let ours = Entries::read(&text, context);
    Ok(ours.ok_or_else(|| {
        Failure::failed(format!("`{}` has no context `{context}`", path.display())).help(help)
    })?)
}

/// The text; `None` if there is no file.
fn read(file: &Path) -> anyhow::Result<Option<Zeroizing<String>>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        // A link that leads nowhere is the user's to mend.
        Err(error) if error.kind() == ErrorKind::NotFound && !file.is_symlink() => Ok(None),
        Err(error) => Err(error).with_context(|| {
            Failure::missing(format!("cannot read the kubeconfig `{}`", file.display()))
                .help("make it readable, or name another file with KUBECONFIG")
        }),
    }
}

fn make_folder(file: &Path) -> anyhow::Result<()> {
    let Some(folder) = file.parent() else { return Ok(()) };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(|| {
        Failure::missing(format!("cannot create the folder `{}`", folder.display()))
            .help("make its parent writable and see that its disk is not full")
    })
}

fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}

fn note_rewritten(cx: &Context, file: &Path, rewritten: bool) {
    if rewritten {
        let file = file.display();
        cx.reporter.note(&format!("`{file}` was written anew: its layout and comments could not be kept"));
    }
}

fn unreadable(file: &Path, Unreadable(place): &Unreadable) -> Failure {
    let file = file.display();
    let place = place.map(|(line, column)| format!(": see line {line}, column {column}"));
    let message = format!("`{file}` is not one kubeconfig in YAML{}", place.unwrap_or_default());
    Failure::missing(message)
        .help(format!("mend it; `kubectl --kubeconfig '{file}' config view` reads the same file"))
}
