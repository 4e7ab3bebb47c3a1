//! A tar archive that is the same whoever makes it, and wherever.

use std::io::{self, Read, Write};

use git_seed::Mode;
use tar::{Builder, EntryType, Header};

use super::layout::TOP;

/// What stands in a header's field for a name that is told in full before it.
const ELSEWHERE: &str = "long";

/// Files under the top folder, one after the other. Nothing of this machine is
/// in there: they belong to root, by number alone, and have all one time.
pub struct Archive<W: Write> {
    builder: Builder<W>,
    date: u64,
}

impl<W: Write> Archive<W> {
    /// An archive whose entries have the time `date`, in seconds since 1970.
    pub fn new(output: W, date: u64) -> Self {
        Self { builder: Builder::new(output), date }
    }

    /// Adds a file: `size` bytes of `content`, which for a symbolic link are its target.
    pub fn append(&mut self, path: &str, mode: Mode, size: u64, content: &mut dyn Read) -> io::Result<()> {
        let path = format!("{TOP}/{path}");
        if mode == Mode::Link {
            let mut target = Vec::new();
            content.take(size).read_to_end(&mut target)?;
            return self.add(&path, mode, Some(&target), 0, &mut io::empty());
        }
        let mut content = Exactly { content, left: size };
        self.add(&path, mode, None, size, &mut content)
    }

    /// Ends it.
    pub fn finish(self) -> io::Result<W> {
        self.builder.into_inner()
    }

    fn add(
        &mut self,
        path: &str,
        mode: Mode,
        target: Option<&[u8]>,
        size: u64,
        content: &mut dyn Read,
    ) -> io::Result<()> {
        let mut long: Vec<(&str, &[u8])> = Vec::new();
        // One that it was tried on in vain has a part of the name.
        let mut header = Header::new_ustar();
        if header.set_path(path).is_err() {
            header = Header::new_ustar();
            header.set_path(ELSEWHERE)?;
            long.push(("path", path.as_bytes()));
        }
        if let Some(target) = target {
            if target.len() <= header.as_old().linkname.len() {
                header.set_link_name_literal(target)?;
            } else {
                header.set_link_name(ELSEWHERE)?;
                long.push(("linkpath", target));
            }
        }
        self.builder.append_pax_extensions(long)?;
        header.set_entry_type(if target.is_some() { EntryType::Symlink } else { EntryType::Regular });
        header.set_mode(match mode {
            Mode::Plain => 0o644,
            Mode::Executable => 0o755,
            Mode::Link => 0o777,
        });
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.date);
        header.set_size(size);
        header.set_cksum();
        self.builder.append(&header, content)
    }
}

/// Reads so many bytes, no less: the header that says so has been written.
struct Exactly<'a> {
    content: &'a mut dyn Read,
    left: u64,
}

impl Read for Exactly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let count = self.content.read(&mut buffer[..most])?;
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter while it was read"));
        }
        self.left -= count as u64;
        Ok(count)
    }
}
