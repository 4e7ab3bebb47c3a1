//! Kinds of keys, and whose they are.

use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

use super::made::{self, Files, RSA, certificate, key, unwrapped, wildcard};

#[test]
fn takes_every_form_of_every_kind() {
    let files = Files::new();
    let ec = [&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384].map(key);
    // As `openssl ecparam -genkey` puts before the key: the curve's identifier.
    let curve = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    let parameters = pem::encode(&pem::Pem::new("EC PARAMETERS", curve));
    let forms = [
        (&ec[0], ec[0].serialize_pem()),
        (&ec[0], unwrapped(&ec[0].serialize_der(), "EC PRIVATE KEY")),
        (&ec[0], parameters + &unwrapped(&ec[0].serialize_der(), "EC PRIVATE KEY")),
        (&ec[1], ec[1].serialize_pem()),
        (&ec[1], unwrapped(&ec[1].serialize_der(), "EC PRIVATE KEY")),
        (&key(&PKCS_ED25519), String::new()),
        (&KeyPair::from_pem(RSA).unwrap(), RSA.to_owned()),
        (
            &KeyPair::from_pem(RSA).unwrap(),
            unwrapped(&KeyPair::from_pem(RSA).unwrap().serialize_der(), "RSA PRIVATE KEY"),
        ),
    ];
    for (pair, form) in forms {
        files.serve(&wildcard(), pair);
        if !form.is_empty() {
            files.write("key.pem", &form);
        }
        files.check().unwrap_or_else(|error| panic!("{error}\n{form}"));
    }
}

#[test]
fn encrypted_keys_are_not_for_servers() {
    let files = Files::new();
    let expected = format!(
        "`--tls-key key.pem` is encrypted; decrypt it with `openssl pkey -in {0} -out {0}.decrypted`",
        "key.pem"
    );
    for key in [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
    ] {
        files.write("key.pem", key);
        assert_eq!(files.refused(), [expected.as_str()]);
    }
}

#[test]
fn other_kinds_are_named() {
    let files = Files::new();
    for content in [&b"no key"[..], &[0x30, 0]] {
        files.write("key.pem", pem::encode(&pem::Pem::new("PRIVATE KEY", content)));
        let expected = "`--tls-key key.pem` holds a key that is damaged or of no usable kind: \
                        RSA of 2048 to 4096 bits, ECDSA P-256 or P-384, Ed25519";
        assert_eq!(files.refused(), [expected]);
    }
}

#[test]
fn the_key_is_the_first_certificates() {
    let files = Files::new();
    let other = KeyPair::generate().unwrap();
    files.write("key.pem", other.serialize_pem());
    assert_eq!(files.refused(), ["`--tls-key key.pem` is not the key of `--tls-cert cert.pem`"]);

    let chain = files.read("cert.pem") + &certificate(&made::authority(), &other).pem();
    files.write("cert.pem", &chain);
    let expected =
        "`--tls-cert cert.pem` must begin with the certificate of the key, which is number 2 in it";
    assert_eq!(files.refused(), [expected]);
}
