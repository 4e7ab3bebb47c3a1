//! Why bytes are not an acceptable `ClientHello`.

use routing::HostError;

/// Why bytes are not an acceptable `ClientHello`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// The connection does not start with a TLS handshake record.
    #[error("it is not TLS")]
    NotTls,
    /// A handshake message other than `ClientHello` comes first.
    #[error("the first handshake message is not a ClientHello")]
    NotClientHello,
    /// Another record came between two fragments (RFC 8446, section 5.1).
    #[error("a record of another type or version interrupts the ClientHello")]
    Interleaved,
    /// Handshake fragments are never empty (RFC 8446, section 5.1).
    #[error("a handshake record is empty")]
    EmptyFragment,
    /// Over [`MAX_FRAGMENT`](super::MAX_FRAGMENT).
    #[error("a record is longer than 16 KiB")]
    RecordTooLong,
    /// Over [`MAX_MESSAGE`](super::MAX_MESSAGE).
    #[error("the ClientHello is longer than 16 KiB")]
    TooLong,
    /// A field ends early, is out of its range, or something follows the last.
    #[error("the ClientHello is malformed at `{0}`")]
    Malformed(&'static str),
    /// More than one `server_name` extension (RFC 8446, section 4.2), or more
    /// than one name in it (RFC 6066, section 3).
    #[error("it names a host twice")]
    DuplicateName,
    /// RFC 6066 defines type 0, `host_name`, alone.
    #[error("it has a server name of the unknown type {0}")]
    UnknownNameType(u8),
    /// The name is empty, not ASCII, or otherwise not a host name.
    #[error("the server name is refused: {0}")]
    Name(#[from] HostError),
}
