//! Bytes that tell when one of them is missing, doubled or misplaced.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::client_hello;

/// The hello that [`Running::client`](super::Running::client) sends.
pub(crate) fn hello_len() -> usize {
    client_hello(Some("argo.kind.internal")).len()
}

pub(crate) fn skip_hello(stream: &mut TcpStream) {
    stream.read_exact(&mut vec![0; hello_len()]).unwrap();
}

/// Bytes that differ wherever one looks, the same for the same seed.
pub(crate) struct Pattern {
    state: u64,
    left: usize,
}

impl Pattern {
    pub(crate) fn new(seed: u64, length: usize) -> Self {
        Self { state: seed, left: length }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> usize {
        let length = buffer.len().min(self.left);
        for byte in &mut buffer[..length] {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = self.state.to_be_bytes()[0];
        }
        self.left -= length;
        length
    }

    /// Writes all of it, in pieces of odd sizes.
    pub(crate) fn send(mut self, mut to: &TcpStream) {
        let mut buffer = vec![0; 77_777];
        while self.left > 0 {
            let length = self.fill(&mut buffer);
            to.write_all(&buffer[..length]).unwrap();
        }
    }

    /// Reads `piece` bytes at a time and compares them, up to the end.
    pub(crate) fn expect(mut self, mut from: &TcpStream, piece: usize) {
        let (mut got, mut expected) = (vec![0; piece], vec![0; piece]);
        loop {
            let length = from.read(&mut got).unwrap();
            let known = self.fill(&mut expected[..length]);
            assert_eq!(got[..length], expected[..known], "{} bytes before the end", self.left);
            if length == 0 {
                assert_eq!(self.left, 0, "bytes are missing");
                return;
            }
        }
    }
}
