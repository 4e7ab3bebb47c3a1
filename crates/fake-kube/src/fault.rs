//! What goes wrong, for which requests and how often.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::request::{Request, Verb};

/// Something that goes wrong with the requests it is for: all of them, or
/// those that [`verb`](Self::verb), [`kind`](Self::kind), [`name`](Self::name)
/// and [`path`](Self::path) leave; for ever, or as [often](Self::times) as
/// said.
#[derive(Clone, Debug)]
pub struct Fault {
    effect: Effect,
    verb: Option<Verb>,
    kind: Option<String>,
    name: Option<String>,
    path: Option<String>,
    spared: usize,
    left: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    Latency(Duration),
    Status(Refusal),
    Silence,
    Cut,
    Garbage(String),
    SlowBody(Duration),
    ErrorEvent(Refusal),
}

/// What a `Status` object says.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub code: u16,
    pub message: String,
}

impl Fault {
    /// The answer begins this much later. The latencies of several faults add
    /// up, and go with whatever else is wrong.
    pub fn latency(time: Duration) -> Self {
        Self::new(Effect::Latency(time))
    }

    /// The answer is this status code with a `Status` object that fits it; 429
    /// with `Retry-After: 1`. Nothing is read or written.
    pub fn status(code: u16) -> Self {
        Self::new(Effect::Status(Refusal::new(code)))
    }

    /// There is no answer, and the connection stays open.
    pub fn silence() -> Self {
        Self::new(Effect::Silence)
    }

    /// The connection is reset in the middle of the body, which for a watch is
    /// in the middle of its first line.
    pub fn cut() -> Self {
        Self::new(Effect::Cut)
    }

    /// The answer is 200 with this as its body.
    pub fn garbage(body: impl Into<String>) -> Self {
        Self::new(Effect::Garbage(body.into()))
    }

    /// The body comes in eight pieces with this pause before each; of a watch,
    /// each line does.
    pub fn slow_body(pause: Duration) -> Self {
        Self::new(Effect::SlowBody(pause))
    }

    /// The watch begins, tells of this error and ends. It is how an API server
    /// answers a watch from a version that it has forgotten.
    pub fn error_event(code: u16) -> Self {
        Self::new(Effect::ErrorEvent(Refusal::new(code))).verb(Verb::Watch)
    }

    /// What the `Status` object says of a [status](Self::status) or an
    /// [error event](Self::error_event); the other faults have none.
    #[must_use]
    pub fn message(mut self, text: impl Into<String>) -> Self {
        if let Effect::Status(refusal) | Effect::ErrorEvent(refusal) = &mut self.effect {
            refusal.message = text.into();
        }
        self
    }

    /// For requests of this verb.
    #[must_use]
    pub fn verb(self, verb: Verb) -> Self {
        Self { verb: Some(verb), ..self }
    }

    /// For requests for this kind of object, such as `Service`.
    #[must_use]
    pub fn kind(self, kind: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), ..self }
    }

    /// For requests for the one object of this name, by path or by field
    /// selector.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// For requests whose path begins with this.
    #[must_use]
    pub fn path(self, prefix: impl Into<String>) -> Self {
        Self { path: Some(prefix.into()), ..self }
    }

    /// For this many requests, and then no more.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { left: Some(times), ..self }
    }

    /// Once so many requests that it is for have been answered without it.
    #[must_use]
    pub fn after(self, requests: usize) -> Self {
        Self { spared: requests, ..self }
    }

    fn new(effect: Effect) -> Self {
        Self { effect, verb: None, kind: None, name: None, path: None, spared: 0, left: None }
    }

    fn is_for(&self, request: &Request) -> bool {
        self.left != Some(0)
            && self.verb.is_none_or(|verb| verb == request.verb)
            && self.kind.as_deref().is_none_or(|kind| Some(kind) == request.kind)
            && self.name.as_ref().is_none_or(|name| Some(name) == request.name.as_ref())
            && self.path.as_ref().is_none_or(|path| request.path.starts_with(path))
    }
}

impl Refusal {
    fn new(code: u16) -> Self {
        Self { code, message: format!("the API was told to answer {code}") }
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
            if fault.spared > 0 {
                fault.spared -= 1;
                continue;
            }
            match &fault.effect {
                Effect::Latency(time) => trouble.latency += *time,
                _ if trouble.effect.is_some() => continue,
                effect => trouble.effect = Some(effect.clone()),
            }
            fault.left = fault.left.map(|left| left - 1);
        }
        trouble
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
