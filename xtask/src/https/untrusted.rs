//! Why a server's certificate is not trusted.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use humantime::format_rfc3339_seconds;
use rustls::CertificateError;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::X509Certificate;
use x509_parser::time::ASN1Time;

use super::trust::parse;
use crate::printable::printable;

/// How many names of a certificate are shown.
const SHOWN: usize = 8;
/// Longest text of a certificate that is shown, in characters.
const LONGEST: usize = 200;

/// Why a server's certificate is not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untrusted {
    /// Its time is over.
    Expired {
        /// When it ended.
        at: SystemTime,
    },
    /// Its time has not come.
    NotYet {
        /// When it begins.
        from: SystemTime,
    },
    /// It is for other names.
    Name {
        /// The name that was asked for.
        wanted: String,
        /// Those it has.
        names: Vec<String>,
    },
    /// Nobody who is trusted has signed it.
    Issuer {
        /// Who has; `None`: itself.
        issuer: Option<String>,
    },
    /// An authority's own certificate, which no server may show, and not one
    /// that is trusted as it is.
    Authority,
    /// Anything else, in a few words.
    Other(String),
}

impl Untrusted {
    /// What `error`, met with the certificate of `server`, means.
    pub fn of(
        error: &rustls::Error,
        certificate: &CertificateDer<'_>,
        server: &ServerName<'_>,
        now: UnixTime,
    ) -> Self {
        let rustls::Error::InvalidCertificate(error) = error else {
            return Self::Other(error.to_string());
        };
        let Some(leaf) = parse(certificate) else {
            return Self::Other("it is damaged".to_owned());
        };
        let is_own = leaf.issuer() == leaf.subject();
        match error {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                Self::Issuer { issuer: (!is_own).then(|| shown(leaf.issuer())) }
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::Name { wanted: server.to_str().into_owned(), names: names(&leaf) }
            }
            // An authority's time may be over, too.
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => in_time(&leaf, now)
                .err()
                .unwrap_or_else(|| Self::Other("that of its authority has expired".into())),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                in_time(&leaf, now)
                    .err()
                    .unwrap_or_else(|| Self::Other("that of its authority is not valid yet".into()))
            }
            _ if leaf.is_ca() && is_own => Self::Issuer { issuer: None },
            _ if leaf.is_ca() => Self::Authority,
            other => Self::Other(other.to_string()),
        }
    }

    /// The reason inside an error of a connection, if it has one.
    pub fn within(error: &io::Error) -> Option<&Self> {
        match error.get_ref()?.downcast_ref()? {
            rustls::Error::InvalidCertificate(CertificateError::Other(inner)) => inner.0.downcast_ref(),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Expired { .. } => "issue a new one; it is not used until then".to_owned(),
            Self::NotYet { .. } => {
                "check the clock of this machine, and of the one that issued it".to_owned()
            }
            Self::Name { .. } => {
                "reach the server by a name that its certificate has, or issue one for this name".to_owned()
            }
            Self::Issuer { .. } => {
                "if it is the right server, give the certificate of its authority, or its \
                                    own if it has none, with `--ca FILE`"
                    .to_owned()
            }
            Self::Authority => {
                "issue one with `CA:FALSE`, signed by an authority; or trust exactly this one, \
                                with `--ca FILE`"
                    .to_owned()
            }
            Self::Other(_) => "issue a new one".to_owned(),
        }
    }
}

/// Whether a certificate is valid `now`.
pub fn in_time(leaf: &X509Certificate<'_>, now: UnixTime) -> Result<(), Untrusted> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now.as_secs());
    let (from, at) = (time(leaf.validity().not_before), time(leaf.validity().not_after));
    if now < from {
        return Err(Untrusted::NotYet { from });
    }
    if at < now { Err(Untrusted::Expired { at }) } else { Ok(()) }
}

/// Times before 1970 count as 1970, and such as cannot be represented too.
fn time(time: ASN1Time) -> SystemTime {
    let since_epoch = Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or(0));
    SystemTime::UNIX_EPOCH.checked_add(since_epoch).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The names that clients go by (RFC 9525): those of its extension.
fn names(leaf: &X509Certificate<'_>) -> Vec<String> {
    let extension = leaf.subject_alternative_name().ok().flatten();
    let names = extension.iter().flat_map(|it| &it.value.general_names);
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(shown(name)),
        GeneralName::IPAddress(bytes) => address(bytes).map(|it| it.to_string()),
        _ => None,
    };
    names.filter_map(text).collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

fn shown(text: impl fmt::Display) -> String {
    printable(&text.to_string()).chars().filter(|char| *char != '\n').take(LONGEST).collect()
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { at } => write!(f, "its certificate expired at {}", format_rfc3339_seconds(*at)),
            Self::NotYet { from } => {
                write!(f, "its certificate is not valid before {}", format_rfc3339_seconds(*from))
            }
            Self::Name { wanted, names } if names.is_empty() => {
                write!(f, "its certificate has no names, and so not `{wanted}`")
            }
            Self::Name { wanted, names } => {
                let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
                let more = if names.len() > SHOWN { " and more" } else { "" };
                write!(f, "its certificate is for {}{more}, and not for `{wanted}`", shown.join(", "))
            }
            Self::Issuer { issuer: Some(issuer) } => {
                write!(f, "its certificate is signed by `{issuer}`, which is not trusted")
            }
            Self::Issuer { issuer: None } => {
                f.write_str("its certificate is signed by itself, and is not one that is trusted")
            }
            Self::Authority => f.write_str("its certificate is an authority's, which no server may show"),
            Self::Other(why) => write!(f, "its certificate cannot be used: {why}"),
        }
    }
}

impl std::error::Error for Untrusted {}
