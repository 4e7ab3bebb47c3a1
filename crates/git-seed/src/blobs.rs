//! The second pass: the content of the files that are wanted.

use std::io::{self, Read};
use std::path::Path;

use gix_hash::ObjectId;

use crate::archive;
use crate::entry::{Entry, Kind, Watch};
use crate::fault::Fault;
use crate::folder;
use crate::hash::Hasher;
use crate::limits::Limits;
use crate::origin::Origin;
use crate::progress::{Phase, Progress};
use crate::release::{File, Release};
use crate::source::Source;

/// Takes the content of a file, which fails if it is not what was scanned.
type Visit<'a> = dyn FnMut(&File, &mut dyn Read) -> io::Result<()> + 'a;

/// Reads `origin` again and shows each blob that is `wanted` to `visit`, once,
/// at the first file that has it. `release` is what [`crate::scan`] made of it;
/// if that is no longer so the error is [`Fault::Changed`], at the end at the
/// latest: nothing may be done with what was shown until this returns.
pub fn blobs(
    origin: &Origin,
    release: &Release,
    wanted: &dyn Fn(&ObjectId) -> bool,
    progress: &dyn Progress,
    visit: &mut Visit<'_>,
) -> Result<(), Fault> {
    let watch = Watch { progress, phase: Phase::Send };
    let wanted = first(&release.files, wanted);
    let read = match origin {
        Origin::Archive(source) => in_archive(&**source, release, &wanted, watch, visit),
        Origin::Folder(path) => in_folder(path, release, &wanted, watch, visit),
    };
    read.map_err(|fault| if fault.is_of_content() { Fault::changed(&origin.name()) } else { fault })
}

/// For each file whether its blob is wanted and has not been at a file before.
fn first(files: &[File], wanted: &dyn Fn(&ObjectId) -> bool) -> Vec<bool> {
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_unstable_by_key(|at| (files[*at].id, *at));
    let mut first = vec![false; files.len()];
    for same in order.chunk_by(|a, b| files[*a].id == files[*b].id) {
        first[same[0]] = wanted(&files[same[0]].id);
    }
    first
}

fn in_archive(
    source: &dyn Source,
    release: &Release,
    wanted: &[bool],
    watch: Watch<'_>,
    visit: &mut Visit<'_>,
) -> Result<(), Fault> {
    let changed = || Fault::changed(&source.name());
    let mut next = release.files.iter().zip(wanted);
    let mut take = |entry: &Entry<'_>, content: &mut dyn Read| {
        if matches!(entry.kind, Kind::Folder) {
            return Ok(());
        }
        let (file, wanted) = next.next().filter(|(file, _)| file.path == entry.path).ok_or_else(changed)?;
        if *wanted { show(file, content, visit) } else { Ok(()) }
    };
    let outline = archive::read(source, &Limits::NONE, watch, &mut take)?;
    if outline.digest == release.digest && next.next().is_none() { Ok(()) } else { Err(changed()) }
}

fn in_folder(
    root: &Path,
    release: &Release,
    wanted: &[bool],
    watch: Watch<'_>,
    visit: &mut Visit<'_>,
) -> Result<(), Fault> {
    let name = root.display().to_string();
    let mut done = 0;
    for (file, _) in release.files.iter().zip(wanted).filter(|(_, wanted)| **wanted) {
        watch.check(&name)?;
        folder::content(root, file, &mut |content| show(file, content, visit))?;
        done += file.size;
        watch.progress.at(watch.phase, done, None);
    }
    Ok(())
}

fn show(file: &File, content: &mut dyn Read, visit: &mut Visit<'_>) -> Result<(), Fault> {
    let mut checked =
        Checked { content, hasher: Hasher::new("blob", file.size), left: file.size, path: &file.path };
    visit(file, &mut checked)
        .map_err(|error| error.downcast().unwrap_or_else(|source| Fault::Visit { source }))?;
    // Also of what was not looked at, so that it is known to be what it was.
    io::copy(&mut checked, &mut io::sink()).map_err(|error| Fault::of(error, &file.path))?;
    if checked.left == 0 && checked.hasher.finish() == file.id {
        Ok(())
    } else {
        Err(Fault::changed(&file.path))
    }
}

/// Content that is hashed while it is read, and never longer than it was.
struct Checked<'a> {
    content: &'a mut dyn Read,
    hasher: Hasher,
    left: u64,
    path: &'a str,
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        let length = read as u64;
        if length > self.left || (read == 0 && self.left > 0 && !buffer.is_empty()) {
            return Err(Fault::changed(self.path).into());
        }
        self.left -= length;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}
