//! Reads a folder as if it were an archive.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use crate::entry::{Entry, Kind, Visit, Watch};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::path;
use crate::refusal::Refusal;
use crate::release::{self, Mode};
use crate::shown::shown;

/// Shows each entry below `dir`, valid by itself, to `visit`; sorted by name,
/// folder by folder. A `.git` at the top is left out, links are not followed.
pub(crate) fn read(
    dir: &Path,
    limits: &Limits,
    watch: Watch<'_>,
    visit: &mut Visit<'_>,
) -> Result<(), Fault> {
    let name = shown(dir.as_os_str().as_encoded_bytes());
    Walk { root: dir, name, limits, watch, count: 0, done: 0 }.folder("", visit)
}

/// Shows a file below `root`, which has been seen before, to `visit`.
pub(crate) fn content(
    root: &Path,
    seen: &release::File,
    visit: &mut dyn FnMut(&mut dyn Read) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let name = shown(seen.path.as_bytes());
    let whole = root.join(&seen.path);
    let changed = |_| Fault::changed(&name);
    if seen.mode == Mode::Link {
        let target = fs::read_link(&whole).map_err(changed)?;
        return visit(&mut target.as_os_str().as_bytes());
    }
    let metadata = fs::symlink_metadata(&whole).map_err(changed)?;
    file(&whole, &name, &metadata, visit)
}

struct Walk<'a> {
    root: &'a Path,
    name: String,
    limits: &'a Limits,
    watch: Watch<'a>,
    count: u64,
    done: u64,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &str, visit: &mut Visit<'_>) -> Result<(), Fault> {
        let mut names = Vec::new();
        let shown = self.shown(folder);
        let failed = |source| Fault::Read { name: shown.clone(), source };
        for entry in fs::read_dir(self.root.join(folder)).map_err(failed)? {
            names.push(entry.map_err(failed)?.file_name());
            self.count()?;
        }
        names.sort_unstable();
        for name in names {
            if folder.is_empty() && name == ".git" {
                continue;
            }
            let mut path = folder.as_bytes().to_owned();
            if !folder.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(name.as_bytes());
            self.entry(&path, &self.root.join(folder).join(&name), visit)?;
        }
        Ok(())
    }

    fn entry(&mut self, bytes: &[u8], whole: &Path, visit: &mut Visit<'_>) -> Result<(), Fault> {
        self.watch.check(&self.name)?;
        let refuse = |refusal| Fault::entry(bytes, refusal);
        let failed = |source| Fault::Read { name: shown(bytes), source };
        let metadata = fs::symlink_metadata(whole).map_err(failed)?;
        let path = path::valid(bytes, metadata.is_symlink(), self.limits).map_err(refuse)?;
        path::within(path, self.limits).map_err(refuse)?;
        let mut entry = Entry { path, kind: Kind::Folder, size: 0, time: metadata.mtime() };
        if metadata.is_dir() {
            visit(&entry, &mut io::empty())?;
            return self.folder(path, visit);
        }
        if metadata.is_symlink() {
            let target = fs::read_link(whole).map_err(failed)?;
            let target = path::target(target.as_os_str().as_bytes()).map_err(refuse)?;
            entry.kind = Kind::Link { target };
            entry.size = target.len() as u64;
            return visit(&entry, &mut target.as_bytes());
        }
        if !metadata.is_file() {
            return Err(refuse(Refusal::Kind(noun(&metadata).to_owned())));
        }
        entry.kind = Kind::File { executable: metadata.mode() & 0o100 != 0 };
        entry.size = metadata.len();
        if entry.size > self.limits.file {
            return Err(refuse(Refusal::Large { size: entry.size, limit: self.limits.file }));
        }
        let (watch, name) = (self.watch, &self.name);
        let done = &mut self.done;
        file(whole, &shown(bytes), &metadata, &mut |content| {
            visit(&entry, &mut Watched { content, watch, name, done })
        })
    }

    fn count(&mut self) -> Result<(), Fault> {
        self.count += 1;
        if self.count > self.limits.entries {
            let what = format!("it has more than {} entries", self.limits.entries);
            return Err(Fault::limit(&self.name, "entries", what));
        }
        Ok(())
    }

    fn shown(&self, folder: &str) -> String {
        if folder.is_empty() { self.name.clone() } else { shown(folder.as_bytes()) }
    }
}

/// Opens the file that `before` was found of, and fails if it is another one, or
/// another one by the end. `name` is what it is called.
fn file(
    whole: &Path,
    name: &str,
    before: &Metadata,
    visit: &mut dyn FnMut(&mut dyn Read) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let failed = |source| Fault::Read { name: name.to_owned(), source };
    let same = |file: &File| Ok(state(&file.metadata()?) == state(before));
    if !before.is_file() {
        return Err(Fault::changed(name));
    }
    let file = File::open(whole).map_err(failed)?;
    if !same(&file).map_err(failed)? {
        return Err(Fault::changed(name));
    }
    visit(&mut Named { file: &file, left: before.len(), name })?;
    if same(&file).map_err(failed)? { Ok(()) } else { Err(Fault::changed(name)) }
}

/// What tells one state of one file from another.
fn state(metadata: &Metadata) -> (u64, u64, u64, i64, i64) {
    (metadata.dev(), metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec())
}

fn noun(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_block_device() {
        "a block device"
    } else {
        "a character device"
    }
}

/// A file that says which one it is when it fails, and does not end early.
struct Named<'a> {
    file: &'a File,
    left: u64,
    name: &'a str,
}

impl Read for Named<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let upto = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let mut file = self.file;
        let failed = |source| Fault::Read { name: self.name.to_owned(), source };
        let read = file.read(&mut buffer[..upto]).map_err(failed)?;
        if read == 0 && upto > 0 {
            return Err(Fault::changed(self.name).into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Tells the caller how far it is, and stops when the caller gives up.
struct Watched<'a> {
    content: &'a mut dyn Read,
    watch: Watch<'a>,
    name: &'a str,
    done: &'a mut u64,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.watch.check(self.name)?;
        let read = self.content.read(buffer)?;
        *self.done += read as u64;
        self.watch.progress.at(self.watch.phase, *self.done, None);
        Ok(read)
    }
}
