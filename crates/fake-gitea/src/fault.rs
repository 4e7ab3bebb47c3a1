//! What goes wrong, for which requests and how often.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use hyper::body::Bytes;

use crate::request::Request;

/// Something that goes wrong with the requests it is for: all of them, or
/// those that [`method`](Self::method) and [`path`](Self::path) leave; for
/// ever, or as [often](Self::times) as said.
#[derive(Clone, Debug)]
pub struct Fault {
    effect: Effect,
    method: Option<&'static str>,
    path: Option<String>,
    left: Option<usize>,
}

#[derive(Clone, Debug)]
pub enum Effect {
    Latency(Duration),
    Status(Refusal),
    Silence,
    CutRequest(u64),
    CutResponse(u64),
    LostAnswer,
    ContentType(String),
    Commit { repository: String, branch: String },
}

/// An answer that no handler made.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub code: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// Without a look at the request's body.
    pub is_early: bool,
}

impl Fault {
    /// The answer begins this much later. The latencies of several faults add
    /// up, and go with whatever else is wrong.
    pub fn latency(time: Duration) -> Self {
        Self::new(Effect::Latency(time))
    }

    /// The answer is this status code, with an empty body. The request's body
    /// is read to its end, and nothing is done with it.
    pub fn status(code: u16) -> Self {
        Self::new(Effect::Status(Refusal { code, headers: Vec::new(), body: Bytes::new(), is_early: false }))
    }

    /// The answer is a page in HTML with this status code, as proxies and
    /// log-in pages are.
    pub fn page(code: u16) -> Self {
        let page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>\n";
        Self::status(code).header("content-type", "text/html; charset=utf-8").body(page)
    }

    /// There is no answer, and the connection stays open. The request's body
    /// is not read.
    pub fn silence() -> Self {
        Self::new(Effect::Silence)
    }

    /// The connection is reset once this many bytes of the request's body have
    /// come. What is behind sees a body that ends there; if the body is shorter,
    /// it is done as asked, and the answer is lost.
    pub fn cut_request(bytes: u64) -> Self {
        Self::new(Effect::CutRequest(bytes))
    }

    /// The connection is reset once this many bytes of the answer's body have
    /// been sent; a shorter one ends with a reset, too.
    pub fn cut_response(bytes: u64) -> Self {
        Self::new(Effect::CutResponse(bytes))
    }

    /// All is done as asked; then the connection is reset in place of an answer.
    pub fn lost_answer() -> Self {
        Self::new(Effect::LostAnswer)
    }

    /// The answer is as it should be, and says that it is of this type.
    pub fn content_type(value: impl Into<String>) -> Self {
        Self::new(Effect::ContentType(value.into()))
    }

    /// Just before the request is passed on, somebody else commits a new file
    /// to a branch of `OWNER/NAME`.
    pub fn other_writer(repository: impl Into<String>, branch: impl Into<String>) -> Self {
        Self::new(Effect::Commit { repository: repository.into(), branch: branch.into() })
    }

    /// The body of a [status](Self::status); the other faults have none.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        if let Effect::Status(refusal) = &mut self.effect {
            refusal.body = body.into();
        }
        self
    }

    /// A header of a [status](Self::status); the other faults have none.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Effect::Status(refusal) = &mut self.effect {
            refusal.headers.push((name.into(), value.into()));
        }
        self
    }

    /// Answers a [status](Self::status) before the request's body has come,
    /// and closes the connection on what is under way, as proxies do.
    #[must_use]
    pub fn early(mut self) -> Self {
        if let Effect::Status(refusal) = &mut self.effect {
            refusal.is_early = true;
        }
        self
    }

    /// For requests of this method, such as `POST`.
    #[must_use]
    pub fn method(self, method: &'static str) -> Self {
        Self { method: Some(method), ..self }
    }

    /// For requests whose path is this; a `*` stands for anything. With a `?`
    /// the query is looked at, too.
    #[must_use]
    pub fn path(self, pattern: impl Into<String>) -> Self {
        Self { path: Some(pattern.into()), ..self }
    }

    /// For pushes as such, once the refs are known: `POST …/git-receive-pack`.
    #[must_use]
    pub fn push(self) -> Self {
        self.method("POST").path("*/git-receive-pack")
    }

    /// For this many requests, and then no more.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { left: Some(times), ..self }
    }

    fn new(effect: Effect) -> Self {
        Self { effect, method: None, path: None, left: None }
    }

    fn is_for(&self, request: &Request) -> bool {
        let is_there = |pattern: &String| {
            let target = if pattern.contains('?') { request.target() } else { request.path.clone() };
            matches(pattern, &target)
        };
        self.left != Some(0)
            && self.method.is_none_or(|method| method == request.method)
            && self.path.as_ref().is_none_or(is_there)
    }
}

/// Whether `text` is `pattern`, in which a `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| matches(rest, &text[at..]))
        }),
    }
}

/// The faults in force, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

/// What is wrong with one request.
#[derive(Debug, Default)]
pub struct Trouble {
    pub latency: Duration,
    pub effect: Option<Effect>,
}

impl Faults {
    /// Adds a fault. Of several for one request the first counts, and every
    /// latency.
    pub fn push(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// Ends every fault for the requests to come.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// What is wrong with this request. It uses up what it returns.
    pub(crate) fn meet(&self, request: &Request) -> Trouble {
        let mut trouble = Trouble::default();
        for fault in self.lock().iter_mut().filter(|fault| fault.is_for(request)) {
            match &fault.effect {
                Effect::Latency(time) => trouble.latency += *time,
                _ if trouble.effect.is_some() => continue,
                effect => trouble.effect = Some(effect.clone()),
            }
            fault.left = fault.left.map(|left| left - 1);
        }
        trouble
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("/api/*/users", "/api/v1/admin/users"));
        assert!(matches("*/git-receive-pack", "/a/b.git/git-receive-pack"));
        assert!(matches("*", "") && matches("a*", "a"));
        assert!(!matches("/api/*", "/healthz") && !matches("*/users", "/users/a"));
    }
}
