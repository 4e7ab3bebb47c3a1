//! The parser of `ClientHello`s: what it finds, and all that it refuses.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use routing::HostError;
use sni_router::hello::{HelloError, MAX_FRAGMENT, MAX_MESSAGE};
use support::{Known, client_hello, handshake, hello_body, parse, record, server_name, vector16};

fn name_in(hello: &[u8]) -> Result<Option<String>, HelloError> {
    match parse([hello])? {
        Known::Host(name) => Ok(name),
        Known::Part => panic!("the hello is whole"),
    }
}

fn refusal(hello: &[u8]) -> HelloError {
    parse([hello]).unwrap_err()
}

/// A hello with these extensions, and another one after them.
fn with_extensions(extensions: &[u8]) -> Vec<u8> {
    record(&handshake(&hello_body(extensions)))
}

/// A hello with a `server_name` extension of this content.
fn with_name_data(data: &[u8]) -> Vec<u8> {
    let mut extension = vec![0, 0];
    extension.extend(vector16(data));
    with_extensions(&extension)
}

fn with_name_list(list: &[u8]) -> Vec<u8> {
    with_name_data(&vector16(list))
}

/// Each byte of a message in a record of its own.
fn byte_records(message: &[u8]) -> Vec<u8> {
    message.iter().flat_map(|&byte| record(&[byte])).collect()
}

#[test]
fn names_are_normalised() {
    let name = |sni: &str| name_in(&client_hello(Some(sni))).unwrap();
    assert_eq!(name("argo.kind.internal").as_deref(), Some("argo.kind.internal"));
    assert_eq!(name("Argo.KIND.Internal.").as_deref(), Some("argo.kind.internal"));
}

#[test]
fn hellos_without_a_host_name_name_none() {
    assert_eq!(name_in(&client_hello(None)), Ok(None));
    assert_eq!(name_in(&client_hello(Some("10.0.0.1"))), Ok(None));
    let body = hello_body(&[]);
    let without_extensions = &body[..body.len() - 7];
    assert_eq!(name_in(&record(&handshake(without_extensions))), Ok(None));
    let mut with_none = without_extensions.to_vec();
    with_none.extend([0, 0]);
    assert_eq!(name_in(&record(&handshake(&with_none))), Ok(None));
}

#[test]
fn hellos_of_real_clients_are_understood() {
    let seed = |bytes: &[u8]| name_in(bytes).unwrap();
    let argo = Some("argo.kind.internal".to_owned());
    assert_eq!(seed(include_bytes!("../seeds/openssl.bin")), argo);
    assert_eq!(seed(include_bytes!("../seeds/openssl-tls10.bin")), argo);
    assert_eq!(seed(include_bytes!("../seeds/openssl-tls12.bin")).as_deref(), Some("gitea.kind.internal"));
    assert_eq!(seed(include_bytes!("../seeds/openssl-no-sni.bin")), None);
    assert_eq!(
        seed(include_bytes!("../seeds/openssl-fragmented.bin")).as_deref(),
        Some("web-ui.kind.internal")
    );
    assert_eq!(seed(include_bytes!("../seeds/curl.bin")).as_deref(), Some("registry.kind.internal"));
    assert_eq!(seed(include_bytes!("../seeds/curl-address.bin")), None);
    assert_eq!(seed(include_bytes!("../seeds/gnutls.bin")).as_deref(), Some("localhost"));
    assert_eq!(seed(include_bytes!("../seeds/python.bin")).as_deref(), Some("vault.kind.internal"));
    assert_eq!(seed(include_bytes!("../seeds/go-post-quantum.bin")).as_deref(), Some("api.kind.internal"));
    assert_eq!(seed(include_bytes!("../seeds/rustls.bin")).as_deref(), Some("release.kind.internal"));
}

#[test]
fn what_is_not_tls_is_refused_at_the_first_wrong_byte() {
    assert_eq!(refusal(b"G"), HelloError::NotTls);
    assert_eq!(refusal(b"SSH-2.0-OpenSSH_9.2"), HelloError::NotTls);
    assert_eq!(refusal(&[22, 2]), HelloError::NotTls);
    assert_eq!(refusal(&[21, 3, 1, 0, 2]), HelloError::NotTls);
    // A ChangeCipherSpec may come during a handshake, not before it.
    assert_eq!(refusal(&[20, 3, 3, 0, 1, 1]), HelloError::NotTls);
    // The hello of SSL 2.
    assert_eq!(refusal(&[0x80, 0x2e, 1, 0, 2]), HelloError::NotTls);
}

#[test]
fn other_handshake_messages_are_refused_at_once() {
    assert_eq!(refusal(&record(&[2])), HelloError::NotClientHello);
    assert_eq!(refusal(&record(&[0, 0, 0, 0])), HelloError::NotClientHello);
}

#[test]
fn fragments_follow_the_rules_of_records() {
    let message = handshake(&hello_body(&server_name("argo.kind.internal")));
    let (head, tail) = message.split_at(10);
    let joined = |parts: [&[u8]; 3]| parts.concat();
    let (head, tail) = (record(head), record(tail));
    assert_eq!(name_in(&joined([&head, &tail, &[]])).unwrap().as_deref(), Some("argo.kind.internal"));
    assert_eq!(refusal(&joined([&head, &record(&[]), &tail])), HelloError::EmptyFragment);
    assert_eq!(refusal(&record(&[])), HelloError::EmptyFragment);
    let alert = [21, 3, 3, 0, 2, 1, 0];
    assert_eq!(refusal(&joined([&head, &alert, &tail])), HelloError::Interleaved);
    let change_cipher_spec = [20, 3, 3, 0, 1, 1];
    assert_eq!(refusal(&joined([&head, &change_cipher_spec, &tail])), HelloError::Interleaved);
    let mut other_version = tail.clone();
    other_version[1] = 2;
    assert_eq!(refusal(&joined([&head, &other_version, &[]])), HelloError::Interleaved);
    let too_long = u16::try_from(MAX_FRAGMENT + 1).unwrap().to_be_bytes();
    assert_eq!(refusal(&[22, 3, 1, too_long[0], too_long[1]]), HelloError::RecordTooLong);
}

#[test]
fn messages_up_to_16_kib_are_read() {
    // What remains for one extension of no meaning, beside all else.
    let overhead = handshake(&hello_body(&server_name("argo.kind.internal"))).len() + 4;
    let of_size = |size: usize| {
        let mut extensions = server_name("argo.kind.internal");
        extensions.extend([0xff, 0xff]);
        extensions.extend(vector16(&vec![0; size - overhead]));
        handshake(&hello_body(&extensions))
    };
    let largest = of_size(MAX_MESSAGE);
    assert_eq!(largest.len(), MAX_MESSAGE);
    assert_eq!(name_in(&record(&largest)).unwrap().as_deref(), Some("argo.kind.internal"));
    assert_eq!(name_in(&byte_records(&largest)).unwrap().as_deref(), Some("argo.kind.internal"));
    let too_long = byte_records(&of_size(MAX_MESSAGE + 1));
    assert_eq!(refusal(&too_long), HelloError::TooLong);
    // Its length is enough to know.
    assert_eq!(refusal(&record(&[1, 0xff, 0xff, 0xff])), HelloError::TooLong);
}

#[test]
fn every_field_must_be_whole_and_in_its_range() {
    let body = hello_body(&server_name("argo.kind.internal"));
    for length in 0..body.len() {
        let cut = record(&handshake(&body[..length]));
        let without_extensions = 41;
        if length == without_extensions {
            assert_eq!(name_in(&cut), Ok(None));
        } else {
            assert!(matches!(refusal(&cut), HelloError::Malformed(_)), "cut to {length} bytes");
        }
    }
    let with = |position: usize, value: u8| {
        let mut body = body.clone();
        body[position] = value;
        refusal(&record(&handshake(&body)))
    };
    assert_eq!(with(34, 33), HelloError::Malformed("legacy_session_id"));
    assert_eq!(with(36, 0), HelloError::Malformed("cipher_suites"));
    assert_eq!(with(36, 1), HelloError::Malformed("cipher_suites"));
    assert_eq!(with(39, 0), HelloError::Malformed("legacy_compression_methods"));
    let mut trailing = body.clone();
    trailing.push(0);
    assert_eq!(refusal(&record(&handshake(&trailing))), HelloError::Malformed("extensions"));
}

#[test]
fn the_list_of_extensions_is_read_to_its_end() {
    let mut garbage = server_name("argo.kind.internal");
    garbage.push(0);
    assert!(matches!(refusal(&with_extensions(&garbage)), HelloError::Malformed(_)));
    let twice = [server_name("argo.kind.internal"), server_name("argo.kind.internal")].concat();
    assert_eq!(refusal(&with_extensions(&twice)), HelloError::DuplicateName);
}

#[test]
fn a_name_list_has_one_host_name() {
    let argo = [&[0], vector16(b"argo.kind.internal").as_slice()].concat();
    let other_type = [&[1], vector16(b"argo").as_slice()].concat();
    assert_eq!(refusal(&with_name_data(&[])), HelloError::Malformed("server_name_list"));
    assert_eq!(refusal(&with_name_list(&[])), HelloError::Malformed("name_type"));
    assert_eq!(refusal(&with_name_list(&[0])), HelloError::Malformed("host_name"));
    assert_eq!(refusal(&with_name_list(&other_type)), HelloError::UnknownNameType(1));
    assert_eq!(
        refusal(&with_name_list(&[argo.clone(), other_type].concat())),
        HelloError::UnknownNameType(1)
    );
    assert_eq!(refusal(&with_name_list(&[argo.clone(), argo.clone()].concat())), HelloError::DuplicateName);
    let trailing = [vector16(&argo), vec![0]].concat();
    assert_eq!(refusal(&with_name_data(&trailing)), HelloError::Malformed("server_name_list"));
}

#[test]
fn names_that_are_no_host_names_are_refused() {
    let refused = |name: &[u8]| refusal(&with_name_list(&[&[0], vector16(name).as_slice()].concat()));
    assert_eq!(refused(b""), HelloError::Name(HostError::Empty));
    assert_eq!(refused(b"."), HelloError::Name(HostError::Empty));
    assert_eq!(refused("münchen.de".as_bytes()), HelloError::Name(HostError::NotAscii));
    assert_eq!(refused(b"caf\xe9.example"), HelloError::Name(HostError::NotAscii));
    assert_eq!(refused(b"argo\0.kind.internal"), HelloError::Name(HostError::Character));
    assert_eq!(refused(b"argo..internal"), HelloError::Name(HostError::EmptyLabel));
    assert_eq!(refused(b"*.kind.internal"), HelloError::Name(HostError::Wildcard));
    assert_eq!(refused(&[b'a'; 64]), HelloError::Name(HostError::LabelTooLong));
    assert_eq!(refused("abc.".repeat(80).as_bytes()), HelloError::Name(HostError::TooLong));
}
