//! The `ClientHello` that opens every connection, and the mode it carries.
//!
//! A hello as a browser sends it: TLS 1.3 offered, X25519 key share, ALPN,
//! padded to [`LENGTH`] bytes (RFC 8446 section 4.1.2, RFC 7685). A router
//! cannot tell it from any other. The first byte of `random` tells the backend
//! what the client wants, which routers neither read nor change.

use anyhow::{Result, ensure};

/// Length of every hello with its record header, in bytes.
pub(crate) const LENGTH: usize = 517;

/// Where `random` begins: after the record header, the handshake header and
/// the version.
const RANDOM: usize = 5 + 4 + 2;

/// What the backend does once it has answered the hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// Waits for the client to close.
    Answer = 1,
    /// Sends back what it receives.
    Echo = 2,
    /// Sends until the client closes.
    Source = 3,
    /// Receives until the client has finished sending.
    Sink = 4,
    /// Holds the connection until told to release it.
    Idle = 5,
}

/// A `ClientHello` of [`LENGTH`] bytes.
#[derive(Clone, Copy)]
pub(crate) struct ClientHello([u8; LENGTH]);

impl ClientHello {
    /// Asks for `name`, which has to leave room in the padded hello.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let mut body = vec![3, 3];
        body.extend((0..32).map(|i: u8| i.wrapping_mul(37)));
        body.push(32);
        body.extend((0..32).map(|i: u8| i.wrapping_mul(101)));
        body.extend(vec16(&[
            0x13, 0x01, 0x13, 0x02, 0x13, 0x03, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9,
            0xcc, 0xa8,
        ]));
        body.extend([1, 0]);
        let mut extensions = extensions(name);
        let rest = LENGTH - 9;
        let used = body.len() + 2 + extensions.len() + 4;
        ensure!(used <= rest, "`{name}` does not fit into a ClientHello of {LENGTH} bytes");
        extensions.extend(extension(21, &vec![0; rest - used]));
        body.extend(vec16(&extensions));

        let mut bytes = [0; LENGTH];
        bytes[..3].copy_from_slice(&[22, 3, 1]);
        bytes[3..5].copy_from_slice(&length(LENGTH - 5));
        bytes[5..7].copy_from_slice(&[1, 0]);
        bytes[7..9].copy_from_slice(&length(body.len()));
        bytes[9..].copy_from_slice(&body);
        Ok(Self(bytes))
    }

    /// The bytes to send for `mode`.
    pub(crate) fn bytes(&self, mode: Mode) -> [u8; LENGTH] {
        let mut bytes = self.0;
        bytes[RANDOM] = mode as u8;
        bytes
    }
}

/// The mode in a received hello, if it is one of ours.
pub(crate) fn mode_of(hello: &[u8; LENGTH]) -> Option<Mode> {
    if hello[0] != 22 || hello[5] != 1 {
        return None;
    }
    match hello[RANDOM] {
        1 => Some(Mode::Answer),
        2 => Some(Mode::Echo),
        3 => Some(Mode::Source),
        4 => Some(Mode::Sink),
        5 => Some(Mode::Idle),
        _ => None,
    }
}

fn extensions(name: &str) -> Vec<u8> {
    let mut host = vec![0];
    host.extend(vec16(name.as_bytes()));
    let mut share = vec![0, 0x1d];
    share.extend(vec16(&[9; 32]));
    [
        extension(0, &vec16(&host)),
        extension(23, &[]),
        extension(0xff01, &[0]),
        extension(10, &vec16(&[0, 0x1d, 0, 0x17, 0, 0x18])),
        extension(11, &[1, 0]),
        extension(35, &[]),
        extension(16, &vec16(b"\x02h2\x08http/1.1")),
        extension(5, &[1, 0, 0, 0, 0]),
        extension(13, &vec16(&[4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1])),
        extension(51, &vec16(&share)),
        extension(45, &[1, 1]),
        extension(43, &[4, 3, 4, 3, 3]),
    ]
    .concat()
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_be_bytes().to_vec();
    bytes.extend(vec16(data));
    bytes
}

/// `data` after its length in two bytes.
fn vec16(data: &[u8]) -> Vec<u8> {
    [&length(data.len()), data].concat()
}

/// A length in two bytes; names longer than that would not fit anyway.
fn length(bytes: usize) -> [u8; 2] {
    u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use rustls::server::Acceptor;

    use super::*;

    #[test]
    fn rustls_reads_the_name_whatever_the_mode() {
        for mode in [Mode::Answer, Mode::Echo, Mode::Source, Mode::Sink, Mode::Idle] {
            let bytes = ClientHello::new("argo.kind.internal").unwrap().bytes(mode);
            let mut acceptor = Acceptor::default();
            acceptor.read_tls(&mut &bytes[..]).unwrap();
            let accepted = acceptor.accept().map_err(|(error, _)| error).unwrap().expect("a whole hello");
            assert_eq!(accepted.client_hello().server_name(), Some("argo.kind.internal"));
            assert_eq!(mode_of(&bytes), Some(mode));
        }
    }

    #[test]
    fn refuses_a_name_without_room_for_it() {
        assert!(ClientHello::new(&"a".repeat(200)).is_ok());
        assert!(ClientHello::new(&"a".repeat(300)).is_err());
        assert!(ClientHello::new(&"a".repeat(100_000)).is_err());
    }

    #[test]
    fn other_bytes_have_no_mode() {
        assert_eq!(mode_of(&[0; LENGTH]), None);
        let mut hello = ClientHello::new("a").unwrap().bytes(Mode::Echo);
        hello[RANDOM] = 99;
        assert_eq!(mode_of(&hello), None);
    }
}
