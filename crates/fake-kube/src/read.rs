//! Get and list.

use serde_json::{Value, json};

use crate::{
    failure::Failure,
    request::Request,
    resource::{Resource, Target},
    selector::Selector,
    store::{Key, Store},
};

impl Target {
    /// The key of the object this points at, if it does at one.
    pub fn key(&self) -> Option<Key> {
        Some(Key {
            plural: self.resource.plural,
            namespace: self.namespace.clone().unwrap_or_default(),
            name: self.name.clone()?,
        })
    }

    /// Whether the collection this points at has an object.
    pub fn holds(&self, key: &Key) -> bool {
        key.plural == self.resource.plural
            && self.namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace)
    }
}

pub fn get(store: &Store, key: &Key) -> Result<Value, Failure> {
    store.get(key).cloned().ok_or_else(|| Failure::not_found(key.plural, &key.name))
}

/// One page of a collection.
pub fn list(store: &Store, target: &Target, request: &Request) -> Result<Value, Failure> {
    let selector = Selector::of(request, target.resource)?;
    let limit = number(request, "limit")?.filter(|limit| *limit > 0);
    let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let start = Start::of(request, store)?;

    let objects = store.snapshot(start.revision)?;
    let mut found = objects.iter().filter(|(key, object)| {
        target.holds(key) && selector.matches(object) && start.after.as_ref().is_none_or(|after| *key > after)
    });
    let page: Vec<_> = found.by_ref().take(limit).collect();
    let mut metadata = json!({ "resourceVersion": start.revision.to_string() });
    if let (Some((last, _)), true) = (page.last(), found.next().is_some()) {
        metadata["continue"] = json!(format!("{}/{}/{}", start.revision, last.namespace, last.name));
    }
    Ok(json!({
        "kind": format!("{}List", target.resource.kind),
        "apiVersion": target.resource.api_version(),
        "metadata": metadata,
        "items": page.into_iter().map(|(_, object)| item(target.resource, object)).collect::<Vec<_>>(),
    }))
}

/// Where a page begins, and in which revision.
struct Start {
    revision: u64,
    after: Option<Key>,
}

impl Start {
    fn of(request: &Request, store: &Store) -> Result<Self, Failure> {
        if let Some(token) = request.parameter("continue").filter(|token| !token.is_empty()) {
            return Self::parse(&token, request)
                .ok_or_else(|| Failure::new(400, format!("continue key is not valid: {token}")));
        }
        let exact = request.parameter("resourceVersionMatch").as_deref() == Some("Exact");
        let asked = number(request, "resourceVersion")?.filter(|_| exact);
        Ok(Self { revision: asked.unwrap_or(store.revision()), after: None })
    }

    fn parse(token: &str, request: &Request) -> Option<Self> {
        let mut parts = token.splitn(3, '/');
        let revision = parts.next()?.parse().ok()?;
        let (namespace, name) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let plural = Target::parse(&request.path)?.resource.plural;
        Some(Self { revision, after: Some(Key { plural, namespace, name }) })
    }
}

/// A query parameter that is a number.
pub fn number(request: &Request, name: &str) -> Result<Option<u64>, Failure> {
    let Some(text) = request.parameter(name).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let number = text.parse().map_err(|_| Failure::new(400, format!("invalid {name}: {text}")))?;
    Ok(Some(number))
}

/// An object as it is in a list: of a kind that is built in, without saying
/// what it is.
fn item(resource: &Resource, object: &Value) -> Value {
    let mut item = object.clone();
    if let Some(fields) = item.as_object_mut()
        && !resource.is_custom()
    {
        fields.remove("apiVersion");
        fields.remove("kind");
    }
    item
}
