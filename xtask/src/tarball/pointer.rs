//! Files that Git LFS keeps elsewhere: the repository has a pointer to them.

use std::io::{self, Read};

/// Largest pointer, in bytes; from Git LFS's specification.
const MAX_POINTER: u64 = 1024;
/// What a pointer begins with.
const BEGINNING: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Hands `content` of `size` bytes on to `take`, and says whether it is a pointer.
pub fn watch(
    size: u64,
    content: &mut dyn Read,
    take: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
) -> io::Result<bool> {
    if size >= MAX_POINTER {
        return take(content).map(|()| false);
    }
    let mut whole = Vec::new();
    content.take(size).read_to_end(&mut whole)?;
    take(&mut whole.as_slice()).map(|()| whole.starts_with(BEGINNING))
}

/// What is told of a pointer.
pub fn warning(path: &str) -> String {
    format!("`{path}` is a pointer of Git LFS: the file that it stands for will not be there")
}
