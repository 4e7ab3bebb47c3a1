//! Answers, whole and marred.

use std::io;

use futures_util::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Response, StatusCode,
    body::{Bytes, Frame},
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

use crate::fault::Refusal;

/// The body of an answer. Its error resets the connection.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// What is answered.
pub struct Answer {
    code: u16,
    /// Not a map, which is large.
    headers: Vec<(HeaderName, HeaderValue)>,
    content: Content,
}

enum Content {
    Whole(Bytes),
    Pieces(BoxStream<'static, io::Result<Bytes>>),
}

impl Answer {
    /// Nothing but a status code.
    pub fn empty(code: u16) -> Self {
        Self { code, headers: Vec::new(), content: Content::Whole(Bytes::new()) }
    }

    pub fn json(code: u16, value: &Value) -> Self {
        let content = Content::Whole(value.to_string().into());
        Self { content, ..Self::empty(code) }.header("content-type", "application/json;charset=utf-8")
    }

    /// What the API says when it refuses.
    pub fn refusal(code: u16, message: impl Into<String>) -> Self {
        Self::json(code, &json!({ "message": message.into(), "url": "" }))
    }

    pub fn text(code: u16, text: impl Into<String>) -> Self {
        let content = Content::Whole(text.into().into());
        Self { content, ..Self::empty(code) }.header("content-type", "text/plain;charset=utf-8")
    }

    /// What comes piece by piece.
    pub fn pieces(code: u16, pieces: BoxStream<'static, io::Result<Bytes>>) -> Self {
        Self { content: Content::Pieces(pieces), ..Self::empty(code) }
    }

    /// The same answer with a header; what cannot be one is left out.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            self.headers.retain(|(other, _)| *other != name);
            self.headers.push((name, value));
        }
        self
    }

    /// The same answer, said to be of another type.
    pub fn of_type(self, value: &str) -> Self {
        self.header(CONTENT_TYPE.as_str(), value)
    }

    /// Waits until it is complete.
    pub async fn finish(self) -> io::Result<()> {
        match self.content {
            Content::Whole(_) => Ok(()),
            Content::Pieces(pieces) => pieces.try_for_each(async |_| Ok(())).await,
        }
    }

    /// The same answer, cut off after so many bytes of its body.
    pub fn cut(self, bytes: u64) -> Self {
        let pieces = match self.content {
            Content::Whole(bytes) => stream::iter([Ok(bytes)]).boxed(),
            Content::Pieces(pieces) => pieces,
        };
        let beginning = pieces.scan(bytes, |left, piece| {
            let taken = piece.map(|mut piece| {
                piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= piece.len() as u64;
                piece
            });
            let is_past = matches!(&taken, Ok(piece) if piece.is_empty());
            std::future::ready((!is_past).then_some(taken))
        });
        // The pause lets the beginning leave before the connection ends.
        let pause = stream::once(tokio::task::yield_now()).filter_map(async |()| None);
        let end = stream::iter([Err(io::ErrorKind::ConnectionReset.into())]);
        Self { content: Content::Pieces(beginning.chain(pause).chain(end).boxed()), ..self }
    }

    pub fn into_response(self) -> Response<Body> {
        let body = match self.content {
            Content::Whole(bytes) => Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
            Content::Pieces(pieces) => StreamBody::new(pieces.map_ok(Frame::data)).boxed_unsync(),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let answer = Self { content: Content::Whole(refusal.body), ..Self::empty(refusal.code) };
        refusal.headers.iter().fold(answer, |answer, (name, value)| answer.header(name, value))
    }
}
