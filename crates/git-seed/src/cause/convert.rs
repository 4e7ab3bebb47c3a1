//! A cause in an error of the system's or a client's, which it passes through.

use std::io;

use super::Cause;
use crate::{Fault, certificate};

impl From<Fault> for Cause {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Interrupted { .. } => Self::Interrupted,
            fault => Self::Fault(fault),
        }
    }
}

impl From<Cause> for io::Error {
    /// Never of the kind `Interrupted`, which readers take as a reason to go on.
    fn from(cause: Cause) -> Self {
        Self::other(cause)
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let error = match error.downcast::<Self>() {
            Ok(cause) => return cause,
            Err(error) => error,
        };
        let error = match error.downcast::<ureq::Error>() {
            Ok(error) => return error.into(),
            Err(error) => error,
        };
        if let Some(rustls::Error::InvalidCertificate(why)) =
            error.get_ref().and_then(|inner| inner.downcast_ref())
        {
            return Self::Untrusted(certificate::why(why));
        }
        match error.kind() {
            Kind::Interrupted => Self::Interrupted,
            Kind::UnexpectedEof
            | Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::BrokenPipe
            | Kind::NotConnected
            | Kind::WriteZero => Self::Cut(error),
            _ => Self::Unreachable(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;

    use super::*;

    #[test]
    fn a_bad_certificate_is_told_apart_wherever_it_is_found() {
        let wrapped = || {
            let error = rustls::Error::InvalidCertificate(CertificateError::Expired);
            io::Error::new(io::ErrorKind::InvalidData, error)
        };
        for error in [wrapped(), io::Error::other(ureq::Error::Io(wrapped()))] {
            assert!(matches!(Cause::from(error), Cause::Untrusted(why) if why == "it has expired"));
        }
        assert!(matches!(Cause::from(ureq::Error::Io(wrapped())), Cause::Untrusted(_)));
    }

    #[test]
    fn a_cause_passes_through_readers() {
        let there_and_back = Cause::from(io::Error::from(Cause::Interrupted));
        assert!(matches!(there_and_back, Cause::Interrupted));
        assert_ne!(io::Error::from(Cause::Interrupted).kind(), io::ErrorKind::Interrupted);
        assert!(Cause::from(io::Error::from(io::ErrorKind::UnexpectedEof)).is_passing());
        assert!(!Cause::from(io::Error::from(io::ErrorKind::ConnectionRefused)).is_passing());
    }
}
