//! What HTTP puts before the advertisement of a service.

use std::io::{Cursor, Read};

use gix_packetline::decode::{PacketLineOrWantedSize, hex_prefix};

use crate::Service;
use crate::cause::Cause;

/// Takes `# service=…` and the flush packet off. In protocol version 2 some
/// servers send them, and some do not.
pub(super) fn strip(service: Service, mut read: Box<dyn Read>) -> Result<Box<dyn Read>, Cause> {
    let mut head = vec![0; 4];
    read.read_exact(&mut head)?;
    if let Ok(PacketLineOrWantedSize::Wanted(size)) = hex_prefix(&head) {
        head.resize(4 + usize::from(size), 0);
        read.read_exact(&mut head[4..])?;
    }
    let Some(named) = head[4..].strip_prefix(b"# service=") else {
        return Ok(Box::new(Cursor::new(head).chain(read)));
    };
    let mut flush = [0; 4];
    read.read_exact(&mut flush)?;
    if named.trim_ascii_end() != service.to_string().as_bytes() || &flush != b"0000" {
        return Err(Cause::protocol("the advertisement of another service"));
    }
    Ok(read)
}
