//! Where an object is in the API, and requests about it.

use std::fmt;

use kube::core::Request;

use crate::{Error, Resource};

/// One object, or a collection of them, in the API.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub kind: &'a Resource,
    pub namespace: Option<&'a str>,
    /// `None`: the collection.
    pub name: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The one object. [`Error::Invalid`] when its names cannot be those of one.
    pub(crate) fn of(kind: &'a Resource, namespace: Option<&'a str>, name: &'a str) -> Result<Self, Error> {
        let place = Self { kind, namespace, name: Some(name) };
        match (kind.namespaced, namespace) {
            (true, None) => Err(place.invalid("it belongs to a namespace, and none is named")),
            (false, Some(_)) => Err(place.invalid("its kind has no namespaces, and one is named")),
            _ => place.checked(),
        }
    }

    /// All objects of the namespace, or of all.
    pub(crate) fn all(kind: &'a Resource, namespace: Option<&'a str>) -> Result<Self, Error> {
        Self { kind, namespace, name: None }.checked()
    }

    /// What would be another path is no name, nor what would be more than a
    /// word of a command that people copy. Roles have names with `:`.
    fn checked(self) -> Result<Self, Error> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte);
        let is_name = |name: &&str| !["", ".", ".."].contains(name) && name.bytes().all(allowed);
        match self.namespace.iter().chain(&self.name).find(|name| !is_name(name)) {
            Some(name) => Err(self.invalid(&format!("`{}` is not a name", name.escape_debug()))),
            None => Ok(self),
        }
    }

    pub(crate) fn invalid(&self, reason: &str) -> Error {
        Error::Invalid { what: self.to_string(), reason: reason.to_owned() }
    }

    /// What makes requests about it.
    pub(crate) fn request(&self) -> Request {
        Request::new(self.kind.path(self.namespace))
    }
}

impl fmt::Display for Place<'_> {
    /// ``Service `a/b` ``, ``Namespace `a` ``, ``services in `a` ``, `nodes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Resource { kind, plural, .. } = self.kind;
        match (self.namespace, self.name) {
            (Some(namespace), Some(name)) => write!(f, "{kind} `{namespace}/{name}`"),
            (None, Some(name)) => write!(f, "{kind} `{name}`"),
            (Some(namespace), None) => write!(f, "{plural} in `{namespace}`"),
            (None, None) => f.write_str(plural),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_elsewhere_is_no_name() {
        for odd in ["", ".", "..", "a/b", "a?b", "a#b", "%2e", "$(a)", "a b", "ä"] {
            assert!(Place::of(&Resource::NODE, None, odd).is_err(), "{odd}");
            assert!(Place::all(&Resource::POD, Some(odd)).is_err(), "{odd}");
        }
        for name in ["a", "kind-control-plane", "pools.metallb.io", "system:node", "A_b"] {
            assert!(Place::of(&Resource::NODE, None, name).is_ok(), "{name}");
        }
    }
}
