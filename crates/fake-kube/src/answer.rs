//! Answers, whole and marred.

use std::{io, time::Duration};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Response, StatusCode,
    body::{Bytes, Frame},
    header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER},
};
use serde_json::Value;

use crate::{
    failure::{Failure, RETRY_AFTER_SECONDS},
    fault::{Effect, Refusal},
    watch::line,
};

/// The body of an answer. Its error resets the connection.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Into how many pieces a slow body is broken.
const PIECES: usize = 8;

/// What is answered.
pub struct Answer {
    code: u16,
    content: Content,
}

enum Content {
    Whole(Bytes),
    Lines(BoxStream<'static, io::Result<Bytes>>),
}

impl Answer {
    pub fn object(code: u16, object: &Value) -> Self {
        Self { code, content: Content::Whole(object.to_string().into()) }
    }

    /// What is no object.
    pub fn text(code: u16, text: &'static str) -> Self {
        Self { code, content: Content::Whole(Bytes::from_static(text.as_bytes())) }
    }

    pub fn lines(lines: BoxStream<'static, io::Result<Bytes>>) -> Self {
        Self { code: 200, content: Content::Lines(lines) }
    }

    /// The answer that a fault makes, of a request not even looked at. None
    /// for a fault that mars the answer there would have been.
    pub fn of_fault(effect: &Effect) -> Option<Self> {
        let failure = |refusal: &Refusal| Failure::new(refusal.code, refusal.message.as_str());
        match effect {
            Effect::Status(refusal) => Some(failure(refusal).into()),
            Effect::ErrorEvent(refusal) => {
                let event = line("ERROR", &failure(refusal).status());
                Some(Self { code: 200, content: Content::Whole(event) })
            }
            Effect::Garbage(body) => Some(Self { code: 200, content: Content::Whole(body.clone().into()) }),
            Effect::Latency(_) | Effect::Silence | Effect::Cut | Effect::SlowBody(_) => None,
        }
    }

    /// The same answer, cut off.
    pub fn cut(self) -> Self {
        let beginning = match self.content {
            Content::Whole(bytes) => bytes.slice(..bytes.len() / 2),
            Content::Lines(_) => Bytes::from_static(b"{\"type\":\"MODI"),
        };
        // The pause lets the beginning leave before the connection ends.
        let pause = stream::once(tokio::task::yield_now()).filter_map(async |()| None);
        let end = stream::iter([Err(io::ErrorKind::ConnectionReset.into())]);
        let lines = stream::iter([Ok(beginning)]).chain(pause).chain(end).boxed();
        Self { content: Content::Lines(lines), ..self }
    }

    /// The same answer, with a pause before each piece.
    pub fn slow(self, pause: Duration) -> Self {
        let lines = match self.content {
            Content::Whole(bytes) => stream::iter([Ok(bytes)]).boxed(),
            Content::Lines(lines) => lines,
        };
        let pieces = lines.flat_map(|line| stream::iter(pieces(line)));
        let slowly = pieces.then(move |piece| async move {
            tokio::time::sleep(pause).await;
            piece
        });
        Self { content: Content::Lines(slowly.boxed()), ..self }
    }

    pub fn into_response(self) -> Response<Body> {
        let body = match self.content {
            Content::Whole(bytes) => Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
            Content::Lines(lines) => StreamBody::new(lines.map(|line| line.map(Frame::data))).boxed_unsync(),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.code == 429 {
            headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        response
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        Self::object(failure.code, &failure.status())
    }
}

/// A piece of a body broken into smaller ones.
fn pieces(whole: io::Result<Bytes>) -> Vec<io::Result<Bytes>> {
    match whole {
        Ok(bytes) => {
            let size = bytes.len().div_ceil(PIECES).max(1);
            let starts = (0..bytes.len()).step_by(size);
            starts.map(|start| Ok(bytes.slice(start..bytes.len().min(start + size)))).collect()
        }
        Err(error) => vec![Err(error)],
    }
}
