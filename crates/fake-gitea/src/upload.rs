//! The body of a request while it comes in.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use tokio::sync::watch;

use crate::{request::Request, state::State};

/// More than any body of the API.
const API_LIMIT: usize = 1 << 20;

/// A body that is counted, and may be cut.
#[derive(Debug)]
pub struct Upload {
    body: Incoming,
    received: Arc<AtomicU64>,
    signal: watch::Sender<()>,
    /// How many bytes may still come.
    left: Option<u64>,
}

impl Upload {
    /// Counts what comes in the request, and tells of it.
    pub fn new(body: Incoming, request: &Request, state: &State, limit: Option<u64>) -> Self {
        let (received, signal) = (Arc::clone(&request.received), state.signal.clone());
        Self { body, received, signal, left: limit }
    }

    /// What comes next. An error means that it was cut, by us or by the client.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.left == Some(0) {
            return Some(Err(io::ErrorKind::ConnectionReset.into()));
        }
        loop {
            let frame = match self.body.frame().await? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(io::Error::other(error))),
            };
            // Trailers are no part of it.
            let Ok(mut piece) = frame.into_data() else { continue };
            self.received.fetch_add(piece.len() as u64, Ordering::SeqCst);
            self.signal.send_replace(());
            if let Some(left) = &mut self.left {
                piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= piece.len() as u64;
            }
            return Some(Ok(piece));
        }
    }

    /// All of it, if it comes and is no larger than bodies of the API are.
    pub async fn collect(&mut self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await {
            all.extend_from_slice(&piece?);
            if all.len() > API_LIMIT {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
        }
        Ok(all)
    }

    /// Reads what is left of it, as far as it comes.
    pub async fn drain(&mut self) {
        while let Some(Ok(_)) = self.next().await {}
    }
}
