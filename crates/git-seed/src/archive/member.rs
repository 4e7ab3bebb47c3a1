//! One entry of an archive, as all its headers together have it.

use std::io;

use tar::Header;

use super::extensions::Extensions;
use super::header::{self, Type};
use super::top::Top;
use crate::entry::{Entry, Kind};
use crate::limits::Limits;
use crate::path;
use crate::refusal::Refusal;
use crate::shown::shown;

/// One entry, not yet found valid.
pub(super) struct Member {
    pub(super) path: Vec<u8>,
    target: Vec<u8>,
    kind: Type,
    size: u64,
    /// What a header before says of the size.
    said_size: Option<u64>,
    time: i64,
    mode: u32,
}

impl Member {
    /// Joins a header with what was said of it before; fails if a number of it is none.
    pub(super) fn new(header: &Header, said: Extensions) -> io::Result<Self> {
        let path = said.path.unwrap_or_else(|| header::path(header));
        let kind = match Type::of(header) {
            _ if said.is_sparse => Type::SPARSE,
            // Before there was a type for folders, a `/` at the end meant one.
            Type::File if path.ends_with(b"/") => Type::Folder,
            kind => kind,
        };
        // Negative ones come as very large ones.
        let time = said.time.map_or_else(|| header.mtime().map(|time| time.try_into().unwrap_or(0)), Ok)?;
        Ok(Self {
            path,
            target: said.target.unwrap_or_else(|| header::target(header)),
            kind,
            size: header.entry_size()?,
            said_size: said.size,
            time,
            mode: header.mode()?,
        })
    }

    pub(super) fn is_folder(&self) -> bool {
        self.kind == Type::Folder
    }

    /// Its path within the archive, once what it is by itself is found valid.
    pub(super) fn valid(&self, limits: &Limits) -> Result<&str, Refusal> {
        if self.said_size.is_some_and(|said| said != self.size) {
            return Err(Refusal::Ambiguous("size"));
        }
        if let Type::Other(other) = self.kind {
            return Err(Refusal::Kind(Type::noun(other)));
        }
        if self.kind != Type::File && self.size > 0 {
            return Err(Refusal::Content);
        }
        if self.size > limits.file {
            return Err(Refusal::Large { size: self.size, limit: limits.file });
        }
        path::valid(&self.path, self.kind == Type::Link, limits)
    }

    /// The entry whose path under the `top` folder is `under`.
    pub(super) fn entry<'a>(
        &'a self,
        under: &'a str,
        top: &Top,
        limits: &Limits,
    ) -> Result<Entry<'a>, Refusal> {
        path::within(under, limits)?;
        let kind = match self.kind {
            Type::File => Kind::File { executable: self.mode & 0o100 != 0 },
            Type::Link => Kind::Link { target: path::target(&self.target)? },
            Type::HardLink => {
                let target = path::valid(&self.target, false, limits)?;
                let target = top.under(target).ok_or_else(|| Refusal::UnseenTarget(shown(&self.target)))?;
                Kind::HardLink { target }
            }
            _ => Kind::Folder,
        };
        let size = if let Kind::Link { target } = kind { target.len() as u64 } else { self.size };
        Ok(Entry { path: under, kind, size, time: self.time })
    }
}
