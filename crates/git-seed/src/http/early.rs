//! An answer that comes while the request is still sent.
//!
//! A proxy that wants no body of this size, or none without a length, answers
//! at once and closes. What is sent then meets a connection that is reset, but
//! what came before that can still be read.

use std::io::{self, ErrorKind};

use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// The last link of a chain of `ureq`'s connectors: where a server breaks off
/// while it is sent something, the error says what it answered before, if it did.
/// An [`HttpRemote`](crate::HttpRemote) tells it as the [`Cause`](crate::Cause).
#[derive(Debug, Default)]
pub struct EarlyAnswers(());

/// The status, 400 or above, of an answer that came too early.
#[derive(Debug, thiserror::Error)]
#[error("it answered with status {0} while it was sent the request")]
struct Early(u16);

/// The status in an error of such a connection, if a server answered early.
pub(super) fn status(error: &ureq::Error) -> Option<u16> {
    let ureq::Error::Io(error) = error else { return None };
    error.get_ref()?.downcast_ref().map(|&Early(status)| status)
}

/// A connection whose answers are heard.
#[derive(Debug)]
pub struct Heard<T>(T);

impl<In: Transport> Connector<In> for EarlyAnswers {
    type Out = Heard<In>;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, ureq::Error> {
        Ok(chained.map(Heard))
    }
}

impl<T: Transport> Transport for Heard<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        match self.0.transmit_output(amount, timeout) {
            Err(ureq::Error::Io(error)) if is_broken(&error) => {
                let early = self.status(timeout).map(|status| io::Error::other(Early(status)));
                Err(ureq::Error::Io(early.unwrap_or(error)))
            }
            sent => sent,
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.0.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

impl<T: Transport> Heard<T> {
    /// The status of an answer that is there already, if it refuses.
    fn status(&mut self, timeout: NextTimeout) -> Option<u16> {
        loop {
            let input = self.0.buffers().input();
            if let Some(end) = input.iter().position(|&byte| byte == b'\n') {
                return refusal(&input[..end]);
            }
            // The connection is at its end: this does not wait for more to come.
            if !matches!(self.0.await_input(timeout), Ok(true)) {
                return None;
            }
        }
    }
}

fn is_broken(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted)
}

/// The status in the first line of an answer, if it is one of 400 or above.
fn refusal(line: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(line).ok()?;
    let status = line.strip_prefix("HTTP/1.")?.split_whitespace().nth(1)?.parse().ok()?;
    (400..600).contains(&status).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn a_first_line_that_refuses_is_known() {
        assert_eq!(refusal(b"HTTP/1.1 413 Payload Too Large\r"), Some(413));
        assert_eq!(refusal(b"HTTP/1.0 503"), Some(503));
        for line in ["HTTP/1.1 100 Continue", "HTTP/1.1 200 OK", "HTTP/1.1", "HTTP/1.1 999 x", "<html>"] {
            assert_eq!(refusal(line.as_bytes()), None, "{line}");
        }
    }
}
