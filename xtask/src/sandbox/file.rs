//! Files named on the command line that may hold a key.

use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

/// Largest file that is read, in bytes: a long chain takes a hundredth.
const MAX_FILE: u64 = 1 << 20;

/// What was read, and how messages name it. The content is erased when it is
/// dropped, and is not shown.
pub struct File {
    name: String,
    content: Zeroizing<Vec<u8>>,
}

impl File {
    /// Reads what `flag` names; the error names both and says what is wrong.
    pub fn read(flag: &str, path: &Path) -> Result<Self, String> {
        let name = format!("`{flag} {}`", path.display());
        match read(path) {
            Ok(content) => Ok(Self { name, content }),
            Err(Unreadable::Kind(what)) => Err(format!("{name} {what}")),
            Err(Unreadable::Io(error)) => Err(format!("{name} cannot be read: {error}")),
        }
    }

    /// A message about it.
    pub fn say(&self, what: impl fmt::Display) -> String {
        format!("{} {what}", self.name)
    }

    /// How messages name it.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

enum Unreadable {
    Kind(&'static str),
    Io(io::Error),
}

const TOO_LARGE: Unreadable = Unreadable::Kind("is larger than 1 MiB, which no certificate or key is");

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    // Before it is opened: a named pipe would wait for its writer.
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(Unreadable::Kind("is a directory"));
    }
    if !metadata.is_file() {
        return Err(Unreadable::Kind("is not a regular file"));
    }
    if metadata.len() > MAX_FILE {
        return Err(TOO_LARGE);
    }
    // Room for all of it, since a vector that grows leaves copies behind.
    let room = usize::try_from(MAX_FILE + 1).unwrap_or(usize::MAX);
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut content)?;
    match content.len() {
        0 => Err(Unreadable::Kind("is empty")),
        length if length == room => Err(TOO_LARGE),
        _ => Ok(content),
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("name", &self.name).finish_non_exhaustive()
    }
}
