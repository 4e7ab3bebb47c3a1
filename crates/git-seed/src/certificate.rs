//! What is wrong with a certificate, in words.

use rustls::CertificateError as Wrong;

/// The reasons that people meet, in words; others as rustls names them.
pub(crate) fn why(wrong: &Wrong) -> String {
    let words = match wrong {
        Wrong::Expired | Wrong::ExpiredContext { .. } => "it has expired",
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => "it is not valid yet",
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => "it is for another name",
        Wrong::UnknownIssuer => "its issuer is not trusted",
        Wrong::Revoked => "it was revoked",
        // A verifier of the agent's own has its own words.
        Wrong::Other(own) => return own.0.to_string(),
        other => return other.to_string(),
    };
    words.to_owned()
}
