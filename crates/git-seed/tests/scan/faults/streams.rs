//! Archives that are cut, damaged, longer than they should be, or none.

use git_seed::{ArchiveFile, Fault};
use tempfile::TempDir;

use crate::support::tar::{archive, file, folder};
use crate::support::{fault, gzip, scanned, zstd};

fn good() -> Vec<u8> {
    let content: Vec<u8> =
        (0..40_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    archive(&[folder("top/"), file("top/a", content), file("top/b", "x")])
}

#[test]
fn cut_at_any_place() {
    for whole in [gzip(&good()), zstd(&good()), good()] {
        assert!(scanned(&whole).is_ok());
        // All that tar needs behind its last entry are two blocks.
        let places = (6..whole.len()).step_by(499).chain(whole.len() - 30..whole.len());
        let is_plain = whole == good();
        for place in places.chain([511, 512, 513, 1024, 1025]) {
            let error = fault(&whole[..place]);
            let is_told = match error {
                Fault::Format { .. } => is_plain && place < 512,
                Fault::Truncated { .. } => !is_plain || place >= 512,
                _ => false,
            };
            assert!(is_told, "{place} of {}: {error}", whole.len());
        }
    }
}

#[test]
fn with_a_wrong_checksum() {
    for mut whole in [gzip(&good()), zstd_checked(&good())] {
        // gzip ends with CRC and length, zstd with a checksum.
        let at = if whole[0] == 0x1f { whole.len() - 6 } else { whole.len() - 2 };
        whole[at] ^= 1;
        let error = fault(&whole);
        assert!(matches!(&error, Fault::Damaged { why, .. } if why.contains("checksum")), "{error}");
    }
}

/// zstd of one raw block after another, with a checksum at the end.
fn zstd_checked(bytes: &[u8]) -> Vec<u8> {
    let mut frame = zstd(bytes);
    if frame[4] & 4 == 0 {
        frame[4] |= 4;
        let mut decoder = ruzstd::decoding::FrameDecoder::new();
        frame.extend_from_slice(&[0; 4]);
        decoder.reset(&mut &frame[..]).unwrap();
        let mut rest = &frame[usize::try_from(decoder.bytes_read_from_source()).unwrap()..];
        decoder.decode_blocks(&mut rest, ruzstd::decoding::BlockDecodingStrategy::All).unwrap();
        decoder.collect().unwrap();
        let sum = decoder.get_calculated_checksum().unwrap();
        let end = frame.len() - 4;
        frame[end..].copy_from_slice(&sum.to_le_bytes());
    }
    assert!(scanned(&frame).is_ok());
    frame
}

#[test]
fn damaged_in_the_middle() {
    for whole in [gzip(&good()), zstd(&good())] {
        for place in (20..whole.len()).step_by(1009) {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x55;
            // Whatever it comes to, it is not taken.
            assert!(scanned(&damaged).is_err(), "{place} of {}", whole.len());
        }
    }
}

#[test]
fn that_go_on_behind_the_end() {
    for whole in [gzip(&good()), zstd(&good()), good()] {
        for tail in [&b"x"[..], b"\0\0x", b"trailing garbage", b"PK\x03\x04", b"\x28\xb5\x2f\xfe...."] {
            let error = fault(&[&whole, tail].concat());
            assert!(matches!(error, Fault::Garbage { .. }), "{error}");
        }
        for tail in [&[0][..], &[0; 10_000]] {
            assert!(scanned(&[&whole, tail].concat()).is_ok(), "zeros fill tapes up");
        }
    }
    let hidden = [good(), archive(&[file("top/hidden", "x")])].concat();
    for whole in [gzip(&hidden), zstd(&hidden), hidden] {
        assert!(matches!(fault(&whole), Fault::Garbage { .. }));
    }
    let no_member = fault(&[gzip(&good()), b"\x1f\x8b garbage that is no header".to_vec()].concat());
    assert!(matches!(no_member, Fault::Garbage { .. }), "{no_member}");
}

#[test]
fn without_an_end_mark() {
    let whole = good();
    for missing in [1024, 600, 512] {
        let cut = &whole[..whole.len() - missing];
        assert!(matches!(fault(cut), Fault::Truncated { .. }), "{missing}");
        assert!(matches!(fault(&gzip(cut)), Fault::Truncated { .. }), "{missing}");
    }
}

#[test]
fn that_are_something_else() {
    for (bytes, noun) in [
        (&b""[..], "empty"),
        (b"PK\x03\x04 and so on", "zip"),
        (b"\xfd7zXZ\0 and so on", "xz"),
        (b"BZh91AY", "bzip2"),
        (b"!<arch>\ndebian-binary", "ar"),
        (b"hello world", "something else"),
        (&gzip(b"hi\n"), "something else"),
        (&zstd(b"hi\n"), "something else"),
        (&gzip(b""), "something else"),
        (&[b'a'; 2000], "something else"),
        (&gzip(&[b'a'; 2000]), "something else"),
        (&zstd(&[b'a'; 2000]), "something else"),
    ] {
        let error = fault(bytes);
        assert!(matches!(&error, Fault::Format { found, .. } if found.contains(noun)), "{error}");
        assert!(error.help().contains("gzip or zstd"));
    }
}

#[test]
fn that_need_too_much_memory() {
    // A frame whose window is 16 MiB: its exponent is 14 above 1 KiB.
    let frame = [&b"\x28\xb5\x2f\xfd\x00"[..], &[14 << 3], b"\x01\x00\x00"].concat();
    let error = fault(&frame);
    assert!(matches!(error, Fault::Window { window: 16_777_216, limit: 8_388_608, .. }), "{error}");
}

#[test]
fn that_cannot_be_opened() {
    let folder = TempDir::new().unwrap();
    let error = ArchiveFile::open(&folder.path().join("none.tgz")).err().unwrap();
    assert!(matches!(error, Fault::Open { .. }) && error.to_string().contains("none.tgz"));
    let error = ArchiveFile::open(folder.path()).err().unwrap();
    assert!(matches!(error, Fault::Format { .. }), "{error}");
}
