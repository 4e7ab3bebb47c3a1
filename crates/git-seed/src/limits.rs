//! How much a release may hold.

/// How much a release may hold: what is beyond is refused before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all files together, each hard link counted as a file.
    pub total: u64,
    /// Bytes of one file.
    pub file: u64,
    /// How many times larger than the archive its content may be, once that is
    /// larger than [`Limits::FREE`].
    pub ratio: u64,
    /// Entries of the archive, of any kind.
    pub entries: u64,
    /// Folders above a file, at most; the archive's one top folder not counted.
    pub depth: u64,
    /// Bytes of a path.
    pub path: u64,
}

impl Limits {
    /// Bytes that may come out of an archive of any size: a small one of a few
    /// empty tar blocks has a large ratio and does no harm.
    pub const FREE: u64 = 1 << 20;

    /// Bytes of all paths and link targets together: they are what is kept in memory.
    pub const NAMES: u64 = 32 << 20;

    /// For what has been found within its limits before.
    pub(crate) const NONE: Self = Self {
        total: u64::MAX,
        file: u64::MAX,
        ratio: u64::MAX,
        entries: u64::MAX,
        depth: u64::MAX,
        path: u64::MAX,
    };
}

impl Default for Limits {
    /// Well above any release known, well below what hurts a laptop.
    fn default() -> Self {
        Self { total: 2 << 30, file: 256 << 20, ratio: 200, entries: 250_000, depth: 32, path: 1024 }
    }
}
