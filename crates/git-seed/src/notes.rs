//! What a release says of itself, in files at its root.

use crate::entry::{Entry, Kind};
use crate::root::Root;

/// Bytes of such a file that are read.
const LONGEST: usize = 1 << 10;

/// The files at the root that are read.
#[derive(Default)]
pub(crate) struct Notes {
    version: Option<Note>,
    commit_id: Option<Note>,
}

/// The beginning of one such file.
#[derive(Default)]
pub(crate) struct Note(Vec<u8>);

impl Notes {
    /// The note that `entry` is, to be given its content.
    pub(crate) fn of(&mut self, entry: &Entry<'_>) -> Option<&mut Note> {
        let slot = match (&entry.kind, entry.path) {
            (Kind::File { .. }, "VERSION") => &mut self.version,
            (Kind::File { .. }, "COMMIT_ID") => &mut self.commit_id,
            _ => return None,
        };
        Some(slot.insert(Note::default()))
    }

    pub(crate) fn version(&self) -> Option<String> {
        self.version.as_ref().and_then(Note::line)
    }

    pub(crate) fn commit_id(&self) -> Option<String> {
        self.commit_id.as_ref().and_then(Note::line)
    }

    /// One sentence for each that cannot be used.
    pub(crate) fn warnings(&self, root: Root<'_>) -> Vec<String> {
        let notes = [("VERSION", &self.version), ("COMMIT_ID", &self.commit_id)];
        let unused =
            notes.into_iter().filter(|(_, note)| note.as_ref().is_some_and(|note| note.line().is_none()));
        unused
            .map(|(name, _)| root.shown(name))
            .map(|path| format!("`{path}` does not begin with a short line of text, and is not used"))
            .collect()
    }
}

impl Note {
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        let room = LONGEST - self.0.len();
        self.0.extend_from_slice(&bytes[..room.min(bytes.len())]);
    }

    /// The first line, trimmed. It ends up in a commit's message, so it is text
    /// and neither empty nor cut off.
    fn line(&self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == b'\n');
        let end = end.or((self.0.len() < LONGEST).then_some(self.0.len()))?;
        let line = str::from_utf8(&self.0[..end]).ok()?.trim();
        let is_text = !line.is_empty() && !line.chars().any(char::is_control);
        is_text.then(|| line.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_its_first_line() {
        let line = |bytes: &[u8]| {
            let mut note = Note::default();
            bytes.chunks(7).for_each(|chunk| note.take(chunk));
            note.line()
        };
        assert_eq!(line(b" 3.1.0-rc1 \r\nmore\n").as_deref(), Some("3.1.0-rc1"));
        assert_eq!(line(b"3.1.0").as_deref(), Some("3.1.0"));
        assert_eq!(line(b"\n3.1.0"), None);
        assert_eq!(line(b"a\x1b[31mb\n"), None);
        assert_eq!(line(b"\xff\n"), None);
        assert_eq!(line(&[b'a'; 4096]), None);
    }
}
