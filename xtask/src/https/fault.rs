//! Why a request had no answer.

use std::io;

use super::Untrusted;
use crate::failure::Failure;

/// Why a request to `server`, for people, had no answer, and what to do.
pub fn failure(server: &str, error: &ureq::Error) -> Failure {
    if let ureq::Error::Io(error) = error
        && let Some(untrusted) = Untrusted::within(error)
    {
        return Failure::missing(format!("`{server}` cannot be trusted: {untrusted}")).help(untrusted.help());
    }
    let unreachable = |why: String| Failure::missing(format!("`{server}` cannot be reached: {why}"));
    match error {
        ureq::Error::Io(error) if is_tls(error) => {
            unreachable(format!("it does not speak TLS as it should: {error}"))
                .help("check that this is the port for HTTPS")
        }
        ureq::Error::Io(error) => unreachable(words(error)).help("check that it runs, and the way to it"),
        ureq::Error::HostNotFound => unreachable("its name cannot be resolved".into())
            .help("check the name, and this machine's resolver"),
        ureq::Error::Timeout(_) => {
            unreachable("it does not answer".into()).help("check that it runs, and the way to it")
        }
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
            Failure::failed(format!("`{server}` does not speak HTTP as it should: {error}"))
                .help("check that nothing else answers at this address")
        }
        other => unreachable(other.to_string()).help("check the address, and the way to it"),
    }
}

/// Whether `error` means no more than that nobody was reached. Where somebody
/// answered who cannot be trusted, or who speaks something else, it means more.
pub fn is_unreachable(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) => !is_tls(error),
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::ConnectProxyFailed(_)
        | ureq::Error::Timeout(_) => true,
        _ => false,
    }
}

fn is_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
}

fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".into(),
        io::ErrorKind::TimedOut => "the connection cannot be made in time".into(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
            "the connection was cut".into()
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "there is no route to it".into()
        }
        _ => error.to_string(),
    }
}
