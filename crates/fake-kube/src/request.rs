//! Requests as they came in.

use std::time::Instant;

use hyper::{Method, Uri};

use crate::resource::Target;

/// What a request asks for, as Kubernetes' access rules name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// One object, or something that is no object, such as `/version`.
    Get,
    /// A collection.
    List,
    /// The changes of a collection.
    Watch,
    /// A new object.
    Create,
    /// An object replaced.
    Update,
    /// A part of an object changed.
    Patch,
    /// An object removed.
    Delete,
}

impl Verb {
    /// Whether it leaves everything as it is.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::List | Self::Watch)
    }
}

/// A request, noted before anything is done about it.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// Without the query.
    pub path: String,
    /// As sent, without the question mark; may be empty.
    pub query: String,
    /// What it asks for.
    pub verb: Verb,
    /// The kind it asks for, when the path is one of a known kind.
    pub kind: Option<&'static str>,
    /// The one object it asks for, by path or by `metadata.name` in the field
    /// selector.
    pub name: Option<String>,
    /// When its head had arrived.
    pub at: Instant,
}

impl Request {
    pub(crate) fn new(method: &Method, uri: &Uri, target: Option<&Target>) -> Self {
        let mut request = Self {
            method: method.to_string(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            verb: Verb::Get,
            kind: target.map(|target| target.resource.kind),
            name: None,
            at: Instant::now(),
        };
        request.verb = request.verb_of(method, target);
        request.name = target.and_then(|target| target.name.clone()).or_else(|| request.selected_name());
        request
    }

    /// The value of a query parameter, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    fn verb_of(&self, method: &Method, target: Option<&Target>) -> Verb {
        match *method {
            Method::POST => Verb::Create,
            Method::PUT => Verb::Update,
            Method::PATCH => Verb::Patch,
            Method::DELETE => Verb::Delete,
            _ if target.is_none_or(|target| target.name.is_some()) => Verb::Get,
            _ if self.is_set("watch") => Verb::Watch,
            _ => Verb::List,
        }
    }

    /// Whether a parameter says yes.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|value| value == "true" || value == "1")
    }

    fn selected_name(&self) -> Option<String> {
        let selector = self.parameter("fieldSelector")?;
        selector.split(',').find_map(|term| term.strip_prefix("metadata.name=").map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: &Method, uri: &'static str) -> Request {
        let uri = Uri::from_static(uri);
        Request::new(method, &uri, Target::parse(uri.path()).as_ref())
    }

    #[test]
    fn the_verb_follows_from_method_path_and_query() {
        let services = "/api/v1/namespaces/a/services";
        assert_eq!(read(&Method::GET, services).verb, Verb::List);
        assert_eq!(read(&Method::GET, "/api/v1/namespaces/a/services?watch=true").verb, Verb::Watch);
        assert_eq!(read(&Method::GET, "/api/v1/namespaces/a/services/b").verb, Verb::Get);
        assert_eq!(read(&Method::GET, "/version").verb, Verb::Get);
        assert_eq!(read(&Method::POST, services).verb, Verb::Create);
        assert_eq!(read(&Method::DELETE, "/api/v1/namespaces/a/services/b").verb, Verb::Delete);
    }

    #[test]
    fn the_name_is_in_the_path_or_in_the_selector() {
        assert_eq!(read(&Method::GET, "/api/v1/nodes/a").name.as_deref(), Some("a"));
        let selected = read(&Method::GET, "/api/v1/nodes?fieldSelector=metadata.name%3Da");
        assert_eq!(selected.name.as_deref(), Some("a"));
        assert_eq!(read(&Method::GET, "/api/v1/nodes").name, None);
    }
}
