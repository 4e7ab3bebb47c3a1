//! The key of the external names.

use std::path::Path;

use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::{Error, PemObject as _};
use zeroize::Zeroizing;

use super::file::File;
use super::pem;

/// What PEM files say of encrypted keys (RFC 5958, section 3; RFC 1421, section 4.6.1.1).
const ENCRYPTED: [&str; 2] = ["-----BEGIN ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED"];

/// A private key that can sign.
#[derive(Debug)]
pub struct Key {
    file: File,
    /// The subject's public key info, in DER (RFC 5280, section 4.1.2.7).
    public: Vec<u8>,
}

impl Key {
    /// Reads `--tls-key`: PKCS#8, PKCS#1 or SEC1 in PEM.
    pub fn read(path: &Path) -> Result<Self, String> {
        let file = File::read("--tls-key", path)?;
        let has = |text: &str| file.content().windows(text.len()).any(|it| it == text.as_bytes());
        if ENCRYPTED.into_iter().any(has) {
            let path = path.display();
            let mend = format_args!("decrypt it with `openssl pkey -in {path} -out {path}.decrypted`");
            return Err(file.say(format_args!("is encrypted; {mend}")));
        }
        let read = PrivateKeyDer::from_pem_slice(file.content()).map(Zeroizing::new);
        let der = read.map_err(|error| match error {
            Error::NoItemsFound => file.say(pem::instead(file.content(), "private key", "pkey")),
            // What the parser says could quote the key.
            _ => file.say("is damaged or cut short: it is not whole PEM"),
        })?;
        let signing = any_supported_type(&der).map_err(|_| file.say(UNSUPPORTED))?;
        let public = signing.public_key().ok_or_else(|| file.say(UNSUPPORTED))?.to_vec();
        Ok(Self { file, public })
    }

    /// The public key info that its certificate has, in DER.
    pub fn public(&self) -> &[u8] {
        &self.public
    }

    /// How messages name it.
    pub fn name(&self) -> &str {
        self.file.name()
    }

    pub fn content(&self) -> &[u8] {
        self.file.content()
    }
}

const UNSUPPORTED: &str = "holds a key that is damaged or of no usable kind: RSA of 2048 to 4096 bits, ECDSA P-256 or P-384, Ed25519";
