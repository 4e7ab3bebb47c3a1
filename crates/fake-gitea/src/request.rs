//! Requests as they came in.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use hyper::{HeaderMap, Method, Uri};

/// A request, noted before anything is done about it.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// As sent, without the question mark; may be empty.
    pub query: String,
    /// When its head had arrived.
    pub at: Instant,
    /// Who asked; the requests of one connection have this in common.
    pub client: SocketAddr,
    headers: HeaderMap,
    pub(crate) received: Arc<AtomicU64>,
}

impl Request {
    pub(crate) fn new(client: SocketAddr, method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        Self {
            method: method.to_string(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            at: Instant::now(),
            client,
            headers: headers.clone(),
            received: Arc::default(),
        }
    }

    /// A header, by its name in any letters; none if it is absent or is no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How many bytes of its body have come by now.
    pub fn body_bytes(&self) -> u64 {
        self.received.load(Ordering::SeqCst)
    }

    /// The value of a query parameter, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The path with the query, if there is one.
    pub(crate) fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}
