//! Certificates in PEM (RFC 7468).

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::file::File;

/// How DER begins: with a sequence whose length takes two bytes or more.
const DER: u8 = 0x30;

/// The certificates of a file: at least one, and each can be parsed.
pub fn certificates(file: &File) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(file.content()).collect();
    let chain = read.map_err(|_| file.say("is damaged or cut short: it is not whole PEM"))?;
    if chain.is_empty() {
        return Err(file.say(instead(file.content(), "certificate", "x509")));
    }
    let broken = chain.iter().position(|der| parse(der).is_none());
    match broken {
        None => Ok(chain),
        Some(position) => Err(file.say(format_args!("is damaged: its certificate {} is none", position + 1))),
    }
}

/// A certificate; `None` if it is none, or not it alone.
pub fn parse<'a>(der: &'a CertificateDer<'_>) -> Option<X509Certificate<'a>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, parsed)| parsed)
}

/// Why a file has no `wanted`; `tool` of openssl converts it.
pub fn instead(content: &[u8], wanted: &str, tool: &str) -> String {
    let has = |text: &str| content.windows(text.len()).any(|window| window == text.as_bytes());
    let other = if has("PRIVATE KEY-----") {
        "but a private key"
    } else if has("-----BEGIN CERTIFICATE-----") {
        "but a certificate"
    } else if has("-----BEGIN CERTIFICATE REQUEST-----") {
        "but a request for one, which an authority has yet to sign"
    } else if has("-----BEGIN PUBLIC KEY-----") {
        "but a public key"
    } else if content.first() == Some(&DER) {
        return format!(
            "holds no {wanted} in PEM; if it is DER, convert it with `openssl {tool} -inform DER`"
        );
    } else {
        return format!("holds no {wanted} in PEM");
    };
    let swapped = if has("REQUEST") || has("PUBLIC KEY") { "" } else { "; are the files swapped?" };
    format!("holds no {wanted}, {other}{swapped}")
}
