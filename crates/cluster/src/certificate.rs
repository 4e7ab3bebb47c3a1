//! Why a TLS handshake failed for want of trust.

use rustls::{AlertDescription, CertificateError};

/// The reason, if `error` is about a certificate, theirs or ours.
pub(crate) fn distrust(error: &rustls::Error) -> Option<&'static str> {
    match error {
        rustls::Error::InvalidCertificate(error) => Some(theirs(error)),
        rustls::Error::AlertReceived(alert) => ours(*alert).then_some("it does not accept our certificate"),
        rustls::Error::NoCertificatesPresented => Some("it shows no certificate"),
        _ => None,
    }
}

fn theirs(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet, or the clock of this machine is wrong"
        }
        // A bad signature: another authority of the same name, as every new
        // kind or kubeadm cluster has one.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is signed by an authority that the kubeconfig does not name"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        CertificateError::Revoked => "its certificate has been revoked",
        _ => "its certificate cannot be used",
    }
}

/// Whether a server sends this alert when a client's certificate does not please it
/// (RFC 8446, section 6.2).
fn ours(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::CertificateRequired
    )
}
