//! Gathers the entries of a release, in memory that is bounded.

use std::io::Read;

use gix_hash::ObjectId;

use crate::check;
use crate::entry::{Entry, Kind, Watch};
use crate::fault::Fault;
use crate::hash::Hasher;
use crate::limits::Limits;
use crate::notes::Notes;
use crate::release::{File, Mode, Release};
use crate::root::Root;
use crate::scan::Rules;

/// Bytes of content that are read at once.
const BUFFER: usize = 64 << 10;

/// The last second whose year has four digits below 2100.
const LATEST: i64 = 4_102_444_799;

/// What has been seen, as far as it is needed until the end.
#[derive(Default)]
pub(crate) struct Found {
    pub files: Vec<File>,
    /// Folders that are named.
    pub folders: Vec<Box<str>>,
    /// Symbolic links: which file it is, and the target.
    pub links: Vec<(usize, Box<str>)>,
    /// Hard links: which file it is, and the path of the other.
    pub hard_links: Vec<(usize, Box<str>)>,
}

/// Takes entry after entry.
pub(crate) struct Collector<'a> {
    name: &'a str,
    rules: &'a Rules,
    found: Found,
    notes: Notes,
    bytes: u64,
    names: u64,
    time: i64,
    buffer: Vec<u8>,
}

impl<'a> Collector<'a> {
    /// `name` is what the user calls the release.
    pub(crate) fn new(name: &'a str, rules: &'a Rules) -> Self {
        let (found, notes, bytes, names, time) = Default::default();
        Self { name, rules, found, notes, bytes, names, time, buffer: vec![0; BUFFER] }
    }

    pub(crate) fn take(&mut self, entry: &Entry<'_>, content: &mut dyn Read) -> Result<(), Fault> {
        let at = self.found.files.len();
        let mode = match entry.kind {
            Kind::Folder => {
                self.name(entry.path)?;
                self.found.folders.push(entry.path.into());
                return Ok(());
            }
            Kind::File { executable: true } => Mode::Executable,
            Kind::File { .. } => Mode::Plain,
            Kind::Link { target } => {
                self.name(target)?;
                self.found.links.push((at, target.into()));
                Mode::Link
            }
            Kind::HardLink { target } => {
                self.name(target)?;
                self.found.hard_links.push((at, target.into()));
                Mode::Plain
            }
        };
        self.name(entry.path)?;
        self.bytes += entry.size;
        check::total(self.bytes, &self.rules.limits, self.name)?;
        self.time = self.time.max(entry.time);
        let id = self.id(entry, content)?;
        self.found.files.push(File { path: entry.path.to_owned(), mode, size: entry.size, id });
        Ok(())
    }

    /// Ends the release; `digest` says its digest from all its files.
    pub(crate) fn finish(
        mut self,
        top: Option<String>,
        digest: impl FnOnce(&[File]) -> String,
        watch: Watch<'_>,
    ) -> Result<Release, Fault> {
        let root = Root(top.as_deref());
        let checked = check::all(&mut self.found, root, self.name, self.rules, watch)?;
        let mut warnings = self.notes.warnings(root);
        warnings.extend(checked.warnings);
        let mut files = self.found.files;
        files.shrink_to_fit();
        Ok(Release {
            digest: digest(&files),
            version: self.notes.version(),
            commit_id: self.notes.commit_id(),
            top,
            date: self.time.clamp(0, LATEST),
            bytes: checked.bytes,
            files,
            tree: checked.tree,
            warnings,
        })
    }

    /// Counts a name that is kept.
    fn name(&mut self, name: &str) -> Result<(), Fault> {
        self.names += name.len() as u64;
        if self.names > Limits::NAMES {
            let what = format!("its paths have more than {} bytes together", Limits::NAMES);
            return Err(Fault::limit(self.name, "names", what));
        }
        Ok(())
    }

    fn id(&mut self, entry: &Entry<'_>, content: &mut dyn Read) -> Result<ObjectId, Fault> {
        let mut hasher = Hasher::new("blob", entry.size);
        let mut note = self.notes.of(entry);
        loop {
            let read = content.read(&mut self.buffer).map_err(|error| Fault::of(error, self.name))?;
            if read == 0 {
                break;
            }
            hasher.update(&self.buffer[..read]);
            if let Some(note) = &mut note {
                note.take(&self.buffer[..read]);
            }
        }
        Ok(hasher.finish())
    }
}
