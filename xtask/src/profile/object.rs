//! References to objects of a Kubernetes cluster.

use std::fmt;
use std::num::NonZeroU16;

use cluster::ObjectName;
use serde::Serialize;

/// Longest name of a service or namespace (an RFC 1123 label), in bytes.
const MAX_NAME: usize = 63;

/// `namespace/name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct ObjectRef {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// `namespace/name:port`: a port of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct ServiceRef {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The port that the service listens on, 1 to 65535.
    pub port: NonZeroU16,
}

impl ObjectRef {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (namespace, name) =
            text.split_once('/').filter(|(namespace, name)| is_name(namespace) && is_name(name)).ok_or_else(
                || format!("`{text}` is not `namespace/name`, both lower-case letters, digits and `-`"),
            )?;
        Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

impl ServiceRef {
    /// The service without its port.
    pub fn object(&self) -> ObjectName {
        ObjectName::new(&self.namespace, &self.name)
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let form = || format!("`{text}` is not `namespace/name:port`, such as `argocd/argocd-server:443`");
        let (object, port) = text.rsplit_once(':').ok_or_else(form)?;
        let ObjectRef { namespace, name } = ObjectRef::parse(object).map_err(|_| form())?;
        let port = port.parse().map_err(|_| form())?;
        Ok(Self { namespace, name, port })
    }
}

pub(super) fn is_name(text: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let inner = |byte: u8| byte == b'-' || edge(Some(byte));
    text.len() <= MAX_NAME
        && edge(text.bytes().next())
        && edge(text.bytes().last())
        && text.bytes().all(inner)
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl fmt::Display for ServiceRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}:{}", self.namespace, self.name, self.port)
    }
}

impl From<ObjectRef> for String {
    fn from(object: ObjectRef) -> Self {
        object.to_string()
    }
}

impl From<ServiceRef> for String {
    fn from(service: ServiceRef) -> Self {
        service.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_services() {
        let service = ServiceRef::parse("argocd/argocd-server:443").unwrap();
        assert_eq!((service.namespace.as_str(), service.name.as_str()), ("argocd", "argocd-server"));
        assert_eq!(service.port.get(), 443);
        assert_eq!(service.to_string(), "argocd/argocd-server:443");
        for text in
            ["", "a", "a/b", "a:1", "a/b:0", "a/b:65536", "a/b/c:1", "A/b:1", "-a/b:1", "a/b-:1", "a/{{:1"]
        {
            assert!(ServiceRef::parse(text).unwrap_err().contains(&format!("`{text}`")), "{text}");
        }
    }
}
