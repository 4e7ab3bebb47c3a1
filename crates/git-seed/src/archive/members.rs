//! From tar's headers to the entries of a release.

use std::io::{self, Read};

use tar::Header;

use super::extensions::{self, Extensions};
use super::header::{self, Type};
use super::meter::Meter;
use super::top::Top;
use crate::entry::{Entry, Kind, Visit, Watch};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::path;
use crate::refusal::Refusal;
use crate::shown::shown;

/// Takes header after header.
pub(super) struct Members<'a> {
    name: &'a str,
    limits: &'a Limits,
    watch: Watch<'a>,
    count: u64,
    /// The last entry, as it is shown.
    last: Vec<u8>,
    top: Top,
    next: Option<Extensions>,
}

impl<'a> Members<'a> {
    /// `name` is the archive's.
    pub(super) fn new(name: &'a str, limits: &'a Limits, watch: Watch<'a>) -> Self {
        Self { name, limits, watch, count: 0, last: Vec::new(), top: Top::default(), next: None }
    }

    /// Takes a header with its content.
    pub(super) fn take<R: Read>(
        &mut self,
        mut entry: tar::Entry<'_, R>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Fault> {
        self.watch.check(self.name)?;
        self.count += 1;
        if self.count > self.limits.entries {
            let what = format!("it has more than {} entries", self.limits.entries);
            return Err(Fault::limit(self.name, "entries", what));
        }
        let header = entry.header().clone();
        if let Some(why) = header::flaw(&header) {
            return Err(self.header(why));
        }
        match Type::of(&header) {
            Type::LongName => {
                let data = self.data(&mut entry)?;
                self.say(|next| next.long_name(data))
            }
            Type::LongTarget => {
                let data = self.data(&mut entry)?;
                self.say(|next| next.long_target(data))
            }
            Type::Records => {
                let data = self.data(&mut entry)?;
                self.say(|next| next.records(&data))
            }
            Type::GlobalRecords => {
                let data = self.data(&mut entry)?;
                self.global(&data)
            }
            kind => self.member(&header, kind, &mut entry, visit),
        }
    }

    /// What an error of tar's own, or one of what it reads, means.
    pub(super) fn fault(&self, error: io::Error, meter: &Meter<'_>) -> Fault {
        match error.downcast() {
            Ok(fault) => fault,
            Err(_) if meter.has_ended() => self.truncated(),
            Err(_) if self.count == 0 => {
                Fault::Format { name: self.name.to_owned(), found: "something else" }
            }
            Err(error) => self.header(&error.to_string()),
        }
    }

    /// Ends with the one top folder, once there are no more headers.
    pub(super) fn finish(self, meter: &Meter<'_>) -> Result<String, Fault> {
        if meter.has_ended() || self.next.is_some() {
            return Err(self.truncated());
        }
        self.top.name().ok_or_else(|| Fault::Empty { name: self.name.to_owned() })
    }

    fn header(&self, why: &str) -> Fault {
        Fault::Header { name: self.name.to_owned(), place: self.place(), why: why.to_owned() }
    }

    fn truncated(&self) -> Fault {
        Fault::truncated(self.name, self.place())
    }

    fn place(&self) -> String {
        if self.last.is_empty() {
            "at its beginning".to_owned()
        } else {
            format!("after `{}`", shown(&self.last))
        }
    }

    /// The content of a header that describes others.
    fn data<R: Read>(&self, entry: &mut tar::Entry<'_, R>) -> Result<Vec<u8>, Fault> {
        if entry.size() > extensions::LONGEST {
            return Err(self.header("it describes the next at unreasonable length"));
        }
        let mut data = Vec::new();
        entry.read_to_end(&mut data).map_err(|error| Fault::of(error, self.name))?;
        if (data.len() as u64) < entry.size() {
            return Err(self.truncated());
        }
        Ok(data)
    }

    fn say(&mut self, say: impl FnOnce(&mut Extensions) -> Result<(), Refusal>) -> Result<(), Fault> {
        say(self.next.get_or_insert_default()).map_err(|refusal| self.header(&refusal.to_string()))
    }

    /// `git archive` says its commit for all entries. What would change each of
    /// them is not understood by every reader.
    fn global(&self, data: &[u8]) -> Result<(), Fault> {
        let mut all = Extensions::default();
        all.records(data).map_err(|refusal| self.header(&refusal.to_string()))?;
        all.time = None;
        if all == Extensions::default() { Ok(()) } else { Err(self.header("it names all entries the same")) }
    }

    fn member(
        &mut self,
        header: &Header,
        kind: Type,
        content: &mut dyn Read,
        visit: &mut Visit<'_>,
    ) -> Result<(), Fault> {
        let said = self.next.take().unwrap_or_default();
        let size = header.entry_size().map_err(|error| self.header(&error.to_string()))?;
        let path = said.path.unwrap_or_else(|| header::path(header));
        let target = said.target.unwrap_or_else(|| header::target(header));
        self.last.clone_from(&path);
        let refuse = |refusal| Fault::entry(&path, refusal);

        if said.size.is_some_and(|said| said != size) {
            return Err(refuse(Refusal::Ambiguous("size")));
        }
        if said.is_sparse {
            return Err(refuse(Refusal::Kind(Type::noun(b'S'))));
        }
        // Before there was a type for folders, a `/` at the end meant one.
        let kind = if kind == Type::File && path.ends_with(b"/") { Type::Folder } else { kind };
        if let Type::Other(other) = kind {
            return Err(refuse(Refusal::Kind(Type::noun(other))));
        }
        if kind != Type::File && size > 0 {
            return Err(refuse(Refusal::Content));
        }
        let valid = path::valid(&path, kind == Type::Link, self.limits).map_err(refuse)?;
        if valid.is_empty() && kind == Type::Folder {
            return Ok(());
        }
        let Some(under) = self.top.strip(valid, kind == Type::Folder, self.name)? else { return Ok(()) };
        path::within(under, self.limits).map_err(refuse)?;
        let time = match said.time {
            Some(time) => time,
            // Negative ones come as very large ones.
            None => header.mtime().map_err(|error| self.header(&error.to_string()))?.try_into().unwrap_or(0),
        };
        let mut entry = Entry { path: under, kind: Kind::Folder, size, time };
        match kind {
            Type::File => {
                if size > self.limits.file {
                    return Err(refuse(Refusal::Large { size, limit: self.limits.file }));
                }
                let mode = header.mode().map_err(|error| self.header(&error.to_string()))?;
                entry.kind = Kind::File { executable: mode & 0o100 != 0 };
                visit(&entry, &mut Exact { inner: content, left: size, short: &|| self.truncated() })
            }
            Type::Link => {
                let target = path::target(&target).map_err(refuse)?;
                entry.kind = Kind::Link { target };
                entry.size = target.len() as u64;
                visit(&entry, &mut target.as_bytes())
            }
            Type::HardLink => {
                let valid = path::valid(&target, false, self.limits).map_err(refuse)?;
                let target =
                    self.top.under(valid).ok_or_else(|| refuse(Refusal::UnseenTarget(shown(&target))))?;
                entry.kind = Kind::HardLink { target };
                visit(&entry, &mut io::empty())
            }
            _ => visit(&entry, &mut io::empty()),
        }
    }
}

/// Content that must not end early.
struct Exact<'a> {
    inner: &'a mut dyn Read,
    left: u64,
    short: &'a dyn Fn() -> Fault,
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            return Err((self.short)().into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}
