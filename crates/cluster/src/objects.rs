//! Objects of any kind: read, listed and deleted.

use std::time::Duration;

use kube::api::{DeleteParams, GetParams, ListParams};
use kube::core::request;
use serde_json::Value;
use tokio::time::timeout;

use crate::follow::ANSWER_LIMIT;
use crate::place::Place;
use crate::refusal::{self, is_absence};
use crate::{Action, Cluster, Error, Resource};

/// How long a server may take to change an object. Longer than the ten seconds
/// after which it tells that an admission webhook is silent.
const CHANGE_LIMIT: Duration = Duration::from_secs(15);

impl Cluster {
    /// The object; `None` where there is none, also for want of its namespace,
    /// which is `None` for a kind without. Asks once and fails when there is no
    /// answer within ten seconds.
    pub async fn get(
        &self,
        kind: &Resource,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<Option<Value>, Error> {
        self.read(&Place::of(kind, namespace, name)?, Action::Read).await
    }

    /// All objects of a kind, in a namespace or everywhere, of which `labels`
    /// is true: a selector such as `app=web,tier!=db`. Sorted as the cluster
    /// has them; each says its kind. Asks once and fails when there is no
    /// answer within ten seconds.
    pub async fn objects(
        &self,
        kind: &Resource,
        namespace: Option<&str>,
        labels: Option<&str>,
    ) -> Result<Vec<Value>, Error> {
        let place = Place::all(kind, namespace)?;
        let params = ListParams { label_selector: labels.map(str::to_owned), ..ListParams::default() };
        let mut list = self.request(&place, Action::Read, place.request().list(&params)).await?;
        let items = match list["items"].take() {
            Value::Array(items) => items,
            _ => Vec::new(),
        };
        let with_kind = |mut item: Value| {
            // A list says it once, of itself.
            if let Value::Object(fields) = &mut item {
                fields.insert("apiVersion".into(), kind.api_version().into());
                fields.insert("kind".into(), kind.kind.as_ref().into());
            }
            item
        };
        Ok(items.into_iter().map(with_kind).collect())
    }

    /// Begins to delete the object. Returns whether there was one; it goes when
    /// its finalizers are done. Asks once and fails when there is no answer
    /// within fifteen seconds.
    pub async fn delete(&self, kind: &Resource, namespace: Option<&str>, name: &str) -> Result<bool, Error> {
        let place = Place::of(kind, namespace, name)?;
        let request = place.request().delete(name, &DeleteParams::default());
        Ok(self.if_there(&place, Action::Delete, request).await?.is_some())
    }

    /// The one object, if it is there; `action` is what it is looked for.
    pub(crate) async fn read(&self, place: &Place<'_>, action: Action) -> Result<Option<Value>, Error> {
        let name = place.name.unwrap_or_default();
        self.if_there(place, action, place.request().get(name, &GetParams::default())).await
    }

    async fn if_there(
        &self,
        place: &Place<'_>,
        action: Action,
        request: Result<http::Request<Vec<u8>>, request::Error>,
    ) -> Result<Option<Value>, Error> {
        match self.send(place, action, request).await? {
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(refusal::of(self.server(), action, place, &error)),
            Ok(object) => Ok(Some(object)),
        }
    }

    /// The answer to a request about the place, in time.
    pub(crate) async fn request(
        &self,
        place: &Place<'_>,
        action: Action,
        request: Result<http::Request<Vec<u8>>, request::Error>,
    ) -> Result<Value, Error> {
        let answer = self.send(place, action, request).await?;
        answer.map_err(|error| refusal::of(self.server(), action, place, &error))
    }

    async fn send(
        &self,
        place: &Place<'_>,
        action: Action,
        request: Result<http::Request<Vec<u8>>, request::Error>,
    ) -> Result<kube::Result<Value>, Error> {
        let request = request.map_err(|error| place.invalid(&error.to_string()))?;
        let limit = if action == Action::Read { ANSWER_LIMIT } else { CHANGE_LIMIT };
        let answer = timeout(limit, self.client().request(request)).await;
        answer.map_err(|_| Error::silent(self.server(), limit))
    }
}
