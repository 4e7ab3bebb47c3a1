//! Tells one build of this program from another.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;

/// Identifies the file that this process runs: its inode, size and time of
/// change. Empty where the file cannot be looked at.
pub fn id() -> String {
    let Ok(file) = executable() else { return String::new() };
    format!("{:x}-{:x}-{:x}.{:x}", file.ino(), file.size(), file.mtime(), file.mtime_nsec())
}

/// The file itself, though another may have taken its name since.
#[cfg(target_os = "linux")]
fn executable() -> io::Result<Metadata> {
    fs::metadata("/proc/self/exe")
}

#[cfg(not(target_os = "linux"))]
fn executable() -> io::Result<Metadata> {
    std::env::current_exe().and_then(fs::metadata)
}
