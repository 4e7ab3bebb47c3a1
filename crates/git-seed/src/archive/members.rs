//! From tar's headers to the entries of a release.

use std::io::{self, Read};

use tar::Header;

use super::extensions::{self, Extensions};
use super::header::{self, Type};
use super::member::Member;
use super::top::Top;
use crate::entry::{Kind, Visit, Watch};
use crate::fault::Fault;
use crate::limits::Limits;
use crate::path::Rule;
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
        let say = match Type::of(&header) {
            Type::LongName => Extensions::long_name,
            Type::LongTarget => Extensions::long_target,
            Type::Records => Extensions::records,
            Type::GlobalRecords => return self.global(&mut entry),
            _ => return self.member(&header, &mut entry, visit),
        };
        let data = self.data(&mut entry)?;
        let said = say(self.next.get_or_insert_default(), &data);
        said.map_err(|refusal| self.header(&refusal.to_string()))
    }

    /// What an error of tar's own, or one of what it reads, means; `has_ended`
    /// if more was asked for than there is.
    pub(super) fn fault(&self, error: io::Error, has_ended: bool) -> Fault {
        match error.downcast() {
            Ok(fault) => fault,
            // Also one that is shorter than a header: nothing says that it is a tar archive.
            Err(_) if self.count == 0 => self.no_archive(),
            Err(_) if has_ended => self.truncated(),
            Err(error) => self.header(&error.to_string()),
        }
    }

    /// Ends with the one top folder, once there are no more headers.
    pub(super) fn finish(self, has_ended: bool) -> Result<String, Fault> {
        if has_ended && self.count == 0 {
            return Err(self.no_archive());
        }
        if has_ended || self.next.is_some() {
            return Err(self.truncated());
        }
        self.top.name().ok_or_else(|| Fault::Empty { name: self.name.to_owned() })
    }

    fn header(&self, why: &str) -> Fault {
        Fault::Header { name: self.name.to_owned(), place: self.place(), why: shown(why.as_bytes()) }
    }

    fn no_archive(&self) -> Fault {
        Fault::Format { name: self.name.to_owned(), found: "something else" }
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

    /// `git archive` says its commit for all entries. What would change each of
    /// them is not understood by every reader.
    fn global<R: Read>(&self, entry: &mut tar::Entry<'_, R>) -> Result<(), Fault> {
        let mut all = Extensions::default();
        let said = all.records(&self.data(entry)?);
        said.map_err(|refusal| self.header(&refusal.to_string()))?;
        if all.is_empty() { Ok(()) } else { Err(self.header("it describes all entries at once")) }
    }

    fn member(
        &mut self,
        header: &Header,
        content: &mut dyn Read,
        visit: &mut Visit<'_>,
    ) -> Result<(), Fault> {
        let said = self.next.take().unwrap_or_default();
        let member = Member::new(header, said).map_err(|error| self.header(&error.to_string()))?;
        self.last.clone_from(&member.path);
        let refuse = |refusal| Fault::entry(&member.path, refusal);
        let path = member.valid(self.limits).map_err(refuse)?;
        if path.is_empty() {
            return if member.is_folder() { Ok(()) } else { Err(refuse(Refusal::Path(Rule::Empty))) };
        }
        let Some(under) = self.top.strip(path, member.is_folder(), self.name)? else { return Ok(()) };
        let entry = member.entry(under, &self.top, self.limits).map_err(refuse)?;
        match entry.kind {
            Kind::File { .. } => {
                let short = || Fault::truncated(self.name, format!("within `{}`", shown(&self.last)));
                visit(&entry, &mut Exact { inner: content, left: entry.size, short: &short })
            }
            Kind::Link { target } => visit(&entry, &mut target.as_bytes()),
            Kind::Folder | Kind::HardLink { .. } => visit(&entry, &mut io::empty()),
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
