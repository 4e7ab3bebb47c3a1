//! Field and label selectors.

use serde_json::Value;

use crate::{failure::Failure, request::Request, resource::Resource};

/// What a list or a watch is limited to.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    path: Vec<String>,
    value: String,
    equal: bool,
}

impl Selector {
    /// Reads `fieldSelector` and `labelSelector`. A selector that a real API
    /// refuses, or that only a real one understands, is refused.
    pub fn of(request: &Request, resource: &Resource) -> Result<Self, Failure> {
        let mut terms = Vec::new();
        for text in split(request.parameter("fieldSelector").as_deref()) {
            let (field, value, equal) = operands(text)?;
            if !["metadata.name", "metadata.namespace"].contains(&field) && !resource.fields.contains(&field)
            {
                return Err(Failure::new(400, format!("field label not supported: {field}")));
            }
            let path = field.split('.').map(str::to_owned).collect();
            terms.push(Term { path, value: value.to_owned(), equal });
        }
        for text in split(request.parameter("labelSelector").as_deref()) {
            let (label, value, equal) = operands(text)?;
            let path = ["metadata", "labels", label].map(str::to_owned).into();
            terms.push(Term { path, value: value.to_owned(), equal });
        }
        Ok(Self { terms })
    }

    pub fn matches(&self, object: &Value) -> bool {
        self.terms.iter().all(|term| term.matches(object))
    }
}

impl Term {
    fn matches(&self, object: &Value) -> bool {
        let found = self.path.iter().fold(object, |object, step| &object[step]);
        (found.as_str().unwrap_or_default() == self.value) == self.equal
    }
}

fn split(selector: Option<&str>) -> impl Iterator<Item = &str> {
    selector.unwrap_or_default().split(',').map(str::trim).filter(|term| !term.is_empty())
}

/// The sides of `a=b`, `a==b` or `a!=b`, and whether they are to be equal.
fn operands(term: &str) -> Result<(&str, &str, bool), Failure> {
    let (left, right, equal) = if let Some((left, right)) = term.split_once("!=") {
        (left, right, false)
    } else if let Some((left, right)) = term.split_once("==").or_else(|| term.split_once('=')) {
        (left, right, true)
    } else {
        return Err(Failure::new(400, format!("only =, == and != are understood in `{term}`")));
    };
    Ok((left.trim(), right.trim(), equal))
}

#[cfg(test)]
mod tests {
    use hyper::{Method, Uri};
    use serde_json::json;

    use super::*;

    fn selector(kind: &str, query: &str) -> Result<Selector, Failure> {
        let uri: Uri = format!("/?{query}").parse().unwrap();
        Selector::of(&Request::new(&Method::GET, &uri, None), Resource::of_kind(kind).unwrap())
    }

    fn matches(query: &str) -> bool {
        let event = json!({
            "metadata": { "name": "x.1", "namespace": "a", "labels": { "app": "web" } },
            "involvedObject": { "kind": "Service", "name": "x" },
        });
        selector("Event", query).unwrap().matches(&event)
    }

    #[test]
    fn without_a_selector_everything_matches() {
        assert!(matches(""));
        assert!(matches("fieldSelector=&labelSelector="));
    }

    #[test]
    fn every_term_must_hold() {
        assert!(matches("fieldSelector=metadata.name%3Dx.1,metadata.namespace%3D%3Da"));
        assert!(matches("fieldSelector=involvedObject.kind%3DService,involvedObject.name%3Dx"));
        assert!(!matches("fieldSelector=involvedObject.kind%3DService,involvedObject.name%3Dy"));
        assert!(!matches("fieldSelector=metadata.name!%3Dx.1"));
        assert!(matches("fieldSelector=metadata.name!%3Dy"));
    }

    #[test]
    fn labels_are_compared() {
        assert!(matches("labelSelector=app%3Dweb"));
        assert!(!matches("labelSelector=app%3Ddb"));
        assert!(!matches("labelSelector=tier%3Dfront"));
        assert!(matches("labelSelector=tier!%3Dfront"));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let field = selector("ConfigMap", "fieldSelector=data.key%3Dx").unwrap_err();
        assert_eq!(field.code, 400);
        assert_eq!(selector("ConfigMap", "labelSelector=app+in+(a)").unwrap_err().code, 400);
    }
}
