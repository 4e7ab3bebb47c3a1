//! Archives, also such as no well-behaved program makes.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::EntryType;

/// The time of every entry.
const TIME: u64 = 1_700_000_000;

/// A tar archive, entry by entry, as it is said.
#[derive(Clone, Default)]
pub struct Archive(Vec<u8>);

impl Archive {
    /// A release with these files, of this version, in one top folder.
    pub fn release<'a>(version: &str, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let archive = Self::default().file("emf/VERSION", format!("{version}\n"));
        files.into_iter().fold(archive, |archive, (path, text)| archive.file(&format!("emf/{path}"), text))
    }

    /// A file.
    #[must_use]
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.entry(EntryType::Regular, name, "", content.as_ref(), 0o644)
    }

    /// A file that can be run.
    #[must_use]
    pub fn program(self, name: &str, content: &str) -> Self {
        self.entry(EntryType::Regular, name, "", content.as_bytes(), 0o755)
    }

    /// A symbolic link.
    #[must_use]
    pub fn link(self, name: &str, target: &str) -> Self {
        self.entry(EntryType::Symlink, name, target, &[], 0o777)
    }

    /// An entry of any type; neither the name nor the target is looked at.
    #[must_use]
    pub fn entry(mut self, kind: EntryType, name: &str, target: &str, content: &[u8], mode: u32) -> Self {
        let mut header = tar::Header::new_ustar();
        let fields = header.as_ustar_mut().unwrap();
        fields.name[..name.len()].copy_from_slice(name.as_bytes());
        fields.linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_mtime(TIME);
        header.set_size(content.len() as u64);
        header.set_cksum();
        self.0.extend_from_slice(header.as_bytes());
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// As a plain tar archive.
    pub fn tar(&self) -> Vec<u8> {
        [self.0.as_slice(), &[0; 1024]].concat()
    }

    /// Compressed with gzip.
    pub fn tgz(&self) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&self.tar()).unwrap();
        encoder.finish().unwrap()
    }

    /// Compressed with zstd.
    pub fn zstd(&self) -> Vec<u8> {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        ruzstd::encoding::compress_to_vec(self.tar().as_slice(), level)
    }
}

/// Bytes that do not compress, the same for the same seed.
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    std::iter::repeat_with(|| next().to_le_bytes()).flatten().take(length).collect()
}
