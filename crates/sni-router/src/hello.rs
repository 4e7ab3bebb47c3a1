//! The first flight of a TLS client, read far enough to learn the host it
//! wants: a parser that does no I/O.
//!
//! It reassembles the `ClientHello` over TCP segments and TLS records
//! (RFC 8446, section 5.1) and looks at nothing but the `server_name` extension
//! (RFC 6066, section 3). Every byte is looked at once, however finely the
//! bytes arrive.
//!
//! ```
//! use sni_router::hello::{HelloError, HelloParser};
//!
//! let refused = HelloParser::default().feed(b"GET / HTTP/1.1\r\n");
//! assert_eq!(refused.unwrap_err(), HelloError::NotTls);
//! ```

mod error;
mod message;
mod reader;

use routing::HostName;

pub use error::HelloError;

/// Longest handshake message accepted in bytes, with its header of 4. Hellos
/// with a post-quantum key share take about 1.8 KiB.
pub const MAX_MESSAGE: usize = 16 * 1024;
/// Longest fragment that a plaintext record may carry in bytes (RFC 8446, section 5.1).
pub const MAX_FRAGMENT: usize = 1 << 14;

/// Content type, version and length of a record (RFC 8446, section 5.1).
const RECORD_HEADER: usize = 5;
/// Type and length of a handshake message (RFC 8446, section 4).
const MESSAGE_HEADER: usize = 4;
const CONTENT_HANDSHAKE: u8 = 22;
const HANDSHAKE_CLIENT_HELLO: u8 = 1;

/// What is known after some bytes.
#[derive(Debug)]
pub enum Progress {
    /// The hello is not complete: feed the parser with what comes next.
    NeedMore(HelloParser),
    /// The hello is complete. `None`: it names no host, or an IP address,
    /// which is no host name (RFC 6066, section 3).
    Complete(Option<HostName>),
}

/// Reads the bytes of one connection from its start.
#[derive(Debug, Default)]
pub struct HelloParser {
    header: [u8; RECORD_HEADER],
    header_len: usize,
    fragment_left: usize,
    /// The handshake message so far, freed of the record layer.
    message: Vec<u8>,
}

impl HelloParser {
    /// Takes the next bytes of the connection, in pieces of any size. What
    /// follows the hello is not looked at. Fails as soon as the bytes cannot be
    /// the beginning of an acceptable hello.
    pub fn feed(mut self, mut bytes: &[u8]) -> Result<Progress, HelloError> {
        while !bytes.is_empty() {
            if self.fragment_left == 0 {
                bytes = self.take_header(bytes)?;
                continue;
            }
            bytes = self.take_fragment(bytes)?;
            if self.message.len() >= MESSAGE_HEADER && self.message.len() == self.message_len() {
                return message::server_name(&self.message[MESSAGE_HEADER..]).map(Progress::Complete);
            }
        }
        Ok(Progress::NeedMore(self))
    }

    /// Collects a record header, refusing it at the first byte that is wrong.
    fn take_header<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], HelloError> {
        let (now, rest) = bytes.split_at(bytes.len().min(RECORD_HEADER - self.header_len));
        self.header[self.header_len..self.header_len + now.len()].copy_from_slice(now);
        self.header_len += now.len();
        let [content, major, _, high, low] = self.header;
        // The minor version is ignored for all purposes (RFC 8446, section 5.1).
        if content != CONTENT_HANDSHAKE || (self.header_len > 1 && major != 3) {
            return Err(if self.message.is_empty() { HelloError::NotTls } else { HelloError::Interleaved });
        }
        if self.header_len == RECORD_HEADER {
            self.header_len = 0;
            self.fragment_left = match usize::from(u16::from_be_bytes([high, low])) {
                0 => return Err(HelloError::EmptyFragment),
                length if length > MAX_FRAGMENT => return Err(HelloError::RecordTooLong),
                length => length,
            };
        }
        Ok(rest)
    }

    /// Collects message bytes, no more than the record and the message have.
    fn take_fragment<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], HelloError> {
        let known = self.message.len();
        let wanted = if known < MESSAGE_HEADER { MESSAGE_HEADER } else { self.message_len() } - known;
        let (now, rest) = bytes.split_at(bytes.len().min(self.fragment_left).min(wanted));
        self.message.extend_from_slice(now);
        self.fragment_left -= now.len();
        if self.message[0] != HANDSHAKE_CLIENT_HELLO {
            return Err(HelloError::NotClientHello);
        }
        if self.message.len() >= MESSAGE_HEADER && self.message_len() > MAX_MESSAGE {
            return Err(HelloError::TooLong);
        }
        Ok(rest)
    }

    /// Length of the whole message, header included; its header must be there.
    fn message_len(&self) -> usize {
        let length = [0, self.message[1], self.message[2], self.message[3]];
        MESSAGE_HEADER + u32::from_be_bytes(length) as usize
    }
}
