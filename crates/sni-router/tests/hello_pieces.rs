//! The parser of `ClientHello`s does not depend on how the bytes are cut.

mod support;

use proptest::prelude::*;
use routing::HostName;
use support::{Known, handshake, hello_body, parse, record, server_name, vector16};

/// A valid hello and the name in it.
fn hellos() -> impl Strategy<Value = (Vec<u8>, Option<String>)> {
    let name = "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\\.[a-z]{1,9}){0,4}";
    let name = proptest::option::of(name.prop_filter("not an address", |it| HostName::parse(it).is_ok()));
    (name, proptest::collection::vec(any::<u8>(), 0..3000)).prop_map(|(name, padding)| {
        let mut extensions = [&[0, 21], vector16(&padding).as_slice()].concat();
        extensions.extend(name.as_deref().map(server_name).unwrap_or_default());
        (handshake(&hello_body(&extensions)), name)
    })
}

/// Cuts `bytes` into pieces of these lengths, round and round.
fn cut<'a>(bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = bytes;
    let pieces = lengths.iter().cycle().map_while(|&length| {
        let (piece, others) = rest.split_at(length.min(rest.len()));
        rest = others;
        (!piece.is_empty()).then_some(piece)
    });
    pieces.collect()
}

fn lengths() -> impl Strategy<Value = Vec<usize>> {
    proptest::collection::vec(1..700_usize, 1..9)
}

proptest! {
    #[test]
    fn any_segments_and_records_give_the_same_name(
        (message, name) in hellos(), records in lengths(), segments in lengths(), after in any::<[u8; 9]>(),
    ) {
        let mut bytes: Vec<u8> = cut(&message, &records).into_iter().flat_map(record).collect();
        bytes.extend(after);
        prop_assert_eq!(parse(cut(&bytes, &segments)), Ok(Known::Host(name.clone())));
        prop_assert_eq!(parse(cut(&bytes, &[1])), Ok(Known::Host(name)));
    }

    #[test]
    fn a_part_of_a_hello_is_never_refused((message, _) in hellos(), records in lengths(), part in 0.0..1.0) {
        let bytes: Vec<u8> = cut(&message, &records).into_iter().flat_map(record).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a few thousand")]
        let length = (bytes.len() as f64 * part) as usize;
        prop_assert_eq!(parse([&bytes[..length]]), Ok(Known::Part));
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), segments in lengths()) {
        prop_assert_eq!(parse([bytes.as_slice()]), parse(cut(&bytes, &segments)));
        let as_record = record(&bytes);
        prop_assert_eq!(parse([as_record.as_slice()]), parse(cut(&as_record, &segments)));
        let as_hello = record(&handshake(&bytes));
        prop_assert_eq!(parse([as_hello.as_slice()]), parse(cut(&as_hello, &segments)));
    }
}
