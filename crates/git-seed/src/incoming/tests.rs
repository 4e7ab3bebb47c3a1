//! Packs made by hand.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha1::{Digest, Sha1};

use super::*;

/// A pack of objects, each of a kind, with what stands before its data.
fn pack(objects: &[(u8, &[u8], &[u8])]) -> Vec<u8> {
    let mut pack = b"PACK\0\0\0\x02\0\0\0".to_vec();
    pack.push(u8::try_from(objects.len()).unwrap());
    for (kind, before, data) in objects {
        assert!(data.len() < 16);
        pack.push(kind << 4 | u8::try_from(data.len()).unwrap());
        pack.extend_from_slice(before);
        let mut encoder = ZlibEncoder::new(&mut pack, Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap();
    }
    let hash: [u8; 20] = Sha1::digest(&pack).into();
    [&pack[..], &hash].concat()
}

fn tree(data: &[u8]) -> ObjectId {
    gix_object::compute_hash(gix_hash::Kind::Sha1, Kind::Tree, data).unwrap()
}

/// From `base` to `based`, and from that to `basedb`.
const DELTAS: [&[u8]; 2] = [&[4, 5, 0x90, 4, 1, b'd'], &[5, 6, 0x90, 5, 1, b'b']];

#[test]
fn deltas_may_come_before_what_they_build_upon() {
    let [base, based, absent] = [tree(b"base"), tree(b"based"), tree(b"absent")];
    let objects: [(u8, &[u8], &[u8]); 4] = [
        (7, based.as_slice(), DELTAS[1]),
        (7, base.as_slice(), DELTAS[0]),
        (7, absent.as_slice(), b"of a blob"),
        (2, &[], b"base"),
    ];
    let received = receive(&pack(&objects)[..], None).unwrap();
    for data in [&b"base"[..], b"based", b"basedb"] {
        assert_eq!(received.tree(&tree(data)).unwrap(), data);
    }
    assert!(received.commit(&base).is_err());
}

#[test]
fn damage_is_found() {
    let good = pack(&[(2, &[], b"base"), (3, &[], b"a blob")]);
    assert!(receive(&good[..], None).is_ok());
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(receive(&bad[..], None).is_err(), "at {at}");
        assert!(receive(&good[..at], None).is_err(), "cut at {at}");
    }
    assert!(receive(&[&good[..], b"x"].concat()[..], None).is_err());
    assert!(receive(&pack(&[(6, &[1], DELTAS[0])])[..], None).is_err(), "an offset into an object");
    assert!(receive(&pack(&[(6, &[0], DELTAS[0])])[..], None).is_err(), "a delta of itself");
    assert!(receive(&pack(&[(5, &[], b"")])[..], None).is_err(), "an unknown kind");
}

#[test]
fn what_is_absurdly_large_is_not_taken() {
    let mut huge = b"PACK\0\0\0\x02\0\0\0\x01\xaf".to_vec();
    huge.extend([0xff, 0xff, 0xff, 0x7f]);
    huge.extend([0; 100]);
    assert!(matches!(receive(&huge[..], None), Err(Cause::Protocol(_))));
}
