//! The ids of Git objects, and how digests are written.

use std::fmt::Write;

use gix_hash::ObjectId;
use sha1::{Digest, Sha1};

/// Takes the content of an object in pieces and says its id.
pub(crate) struct Hasher(Sha1);

impl Hasher {
    /// `kind` is `blob` or `tree`, `size` the bytes that will come.
    pub(crate) fn new(kind: &str, size: u64) -> Self {
        Self(Sha1::new_with_prefix(format!("{kind} {size}\0")))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> ObjectId {
        ObjectId::Sha1(self.0.finalize().into())
    }
}

/// `bytes` in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        let empty = Hasher::new("tree", 0).finish();
        assert_eq!(empty, ObjectId::empty_tree(gix_hash::Kind::Sha1));
        let mut blob = Hasher::new("blob", 6);
        blob.update(b"hel");
        blob.update(b"lo\n");
        assert_eq!(blob.finish().to_string(), "ce013625030ba8dba906f756967f9e9ca394464a");
    }
}
