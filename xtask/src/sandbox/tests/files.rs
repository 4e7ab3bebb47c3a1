//! Files that are none, or not what they should be.

use std::fs::File;

use proptest::prelude::*;

use super::made::Files;
use crate::failure::{Exit, exit_of};

/// What is said once a file has this content.
#[track_caller]
fn told(name: &str, content: impl AsRef<[u8]>, expected: &str) {
    let files = Files::new();
    files.write(name, content);
    assert_eq!(files.refused(), [expected]);
}

#[test]
fn paths_that_are_no_files() {
    let files = Files::new();
    std::fs::remove_file(files.path("cert.pem")).unwrap();
    std::fs::remove_file(files.path("key.pem")).unwrap();
    std::fs::create_dir(files.path("key.pem")).unwrap();
    std::fs::remove_file(files.path("ca.pem")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", files.path("ca.pem")).unwrap();
    let expected = [
        "`--tls-cert cert.pem` cannot be read: No such file or directory (os error 2)",
        "`--tls-key key.pem` is a directory",
        "`--ca ca.pem` is not a regular file",
    ];
    assert_eq!(files.refused(), expected);
    assert_eq!(exit_of(&files.check().unwrap_err()), Exit::Missing);
}

#[test]
fn sizes() {
    told("ca.pem", "", "`--ca ca.pem` is empty");
    let files = Files::new();
    let large = "`--tls-cert cert.pem` is larger than 1 MiB, which no certificate or key is";
    for (length, expected) in [
        (1 << 20, "`--tls-cert cert.pem` holds no certificate in PEM"),
        ((1 << 20) + 1, large),
        (1 << 40, large),
    ] {
        // Sparse: it takes no room.
        File::create(files.path("cert.pem")).unwrap().set_len(length).unwrap();
        assert_eq!(files.refused(), [expected], "{length}");
    }
}

#[test]
fn swapped_files() {
    let files = Files::new();
    let (certificate, key) = (files.read("cert.pem"), files.read("key.pem"));
    files.write("cert.pem", key);
    files.write("key.pem", certificate);
    let expected = [
        "`--tls-cert cert.pem` holds no certificate, but a private key; are the files swapped?",
        "`--tls-key key.pem` holds no private key, but a certificate; are the files swapped?",
    ];
    assert_eq!(files.refused(), expected);
}

#[test]
fn other_things_in_pem() {
    let key = rcgen::KeyPair::generate().unwrap();
    let request = super::made::wildcard().serialize_request(&key).unwrap().pem().unwrap();
    told(
        "cert.pem",
        request,
        "`--tls-cert cert.pem` holds no certificate, but a request for one, which an authority has yet to sign",
    );
    told("key.pem", key.public_key_pem(), "`--tls-key key.pem` holds no private key, but a public key");
    told("key.pem", "hunter2", "`--tls-key key.pem` holds no private key in PEM");
    told(
        "key.pem",
        key.serialize_der(),
        "`--tls-key key.pem` holds no private key in PEM; if it is DER, convert it with `openssl pkey -inform DER`",
    );
}

#[test]
fn damaged_pem() {
    let files = Files::new();
    let damaged = "is damaged or cut short: it is not whole PEM";
    let half = |name| files.read(name).split_at(150).0.to_owned();
    told("cert.pem", half("cert.pem"), &format!("`--tls-cert cert.pem` {damaged}"));
    told("key.pem", half("key.pem"), &format!("`--tls-key key.pem` {damaged}"));
    let none = pem::encode(&pem::Pem::new("CERTIFICATE", b"no certificate".as_slice()));
    told("ca.pem", files.read("ca.pem") + &none, "`--ca ca.pem` is damaged: its certificate 2 is none");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is cut or changed: it is served as it was, or refused without quoting it.
    #[test]
    fn damage_is_told_and_not_quoted(at in 0..200_usize, byte in any::<u8>(), cut in any::<bool>()) {
        let files = Files::new();
        let mut key = files.read("key.pem").into_bytes();
        if cut { key.truncate(at) } else { key[at] = byte }
        files.write("key.pem", &key);
        if let Err(error) = files.check() {
            prop_assert_eq!(exit_of(&error), Exit::Missing);
            let text = error.to_string();
            for line in files.read_lossy("key.pem").lines().filter(|line| line.len() > 40) {
                prop_assert!(!text.contains(line), "{}", text);
            }
        }
    }
}
