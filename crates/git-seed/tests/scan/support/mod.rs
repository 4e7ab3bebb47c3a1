//! What the tests of scanning share: archives made byte by byte, and sources
//! that keep them in memory.

pub mod git;
pub mod tar;

use std::io::{self, Cursor, Read, Write};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::write::GzEncoder;
use git_seed::{Fault, Limits, Origin, Refusal, Release, Rules, Silent, Source, scan};
use sha2::Digest;

/// An archive in memory, which can be changed between two passes.
#[derive(Clone)]
pub struct Memory(pub Arc<Mutex<Vec<u8>>>);

impl Memory {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Arc::new(Mutex::new(bytes.into())))
    }

    pub fn origin(&self) -> Origin {
        Origin::Archive(Box::new(self.clone()))
    }
}

impl Source for Memory {
    fn name(&self) -> String {
        "release.tgz".to_owned()
    }

    fn size(&self) -> Option<u64> {
        Some(self.0.lock().unwrap().len() as u64)
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.0.lock().unwrap().clone())))
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

pub fn scanned(bytes: &[u8]) -> Result<Release, Fault> {
    scan(&Memory::new(bytes).origin(), &Rules::default(), &Silent)
}

pub fn scanned_with(bytes: &[u8], limits: Limits) -> Result<Release, Fault> {
    scan(&Memory::new(bytes).origin(), &Rules { limits, strict: false }, &Silent)
}

/// The entry that is refused, and why; of a fault that is none of one entry the
/// test fails.
#[track_caller]
pub fn refusal(bytes: &[u8]) -> (String, Refusal) {
    match scanned(bytes) {
        Err(Fault::Entry { entry, refusal }) => {
            assert!(!refusal.help().is_empty());
            (entry, refusal)
        }
        other => panic!("no entry was refused: {other:?}"),
    }
}

/// The fault of the archive as a whole.
#[track_caller]
pub fn fault(bytes: &[u8]) -> Fault {
    let fault = scanned(bytes).expect_err("there is a fault");
    let text = fault.to_string();
    assert!(text.contains("`release.tgz`") && !fault.help().is_empty(), "{text}");
    fault
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
