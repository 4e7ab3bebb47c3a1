//! Server-side apply.

use kube::api::{Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::discovery::{self, Scope};
use serde_json::Value;
use tokio::time::timeout;

use crate::follow::ANSWER_LIMIT;
use crate::place::Place;
use crate::secret::erase;
use crate::{Action, Cluster, Error, Resource, refusal};

/// What applying an object came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// There was none; now there is.
    Created,
    /// It was otherwise, or somebody else changed it at the same moment.
    Changed,
    /// It was so already, and is as it was.
    Already,
}

impl Cluster {
    /// Makes the fields that `object` has what they are there, in the name of
    /// the field manager `manager`, and gives up those of its fields that the
    /// object has no more (server-side apply, never by force). The object says
    /// its `apiVersion`, `kind`, name and, if its kind has them, namespace.
    ///
    /// Asks three times and fails when an answer does not come within fifteen
    /// seconds. [`Error::is_transient`] says whether a later try may do.
    ///
    /// ```no_run
    /// use cluster::{Access, Applied, Cluster};
    /// use serde_json::json;
    ///
    /// # async fn example() -> Result<(), cluster::Error> {
    /// let cluster = Cluster::open(&Access::default()).await?;
    /// let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "orch" } });
    /// cluster.apply("xtask", &namespace).await?;
    /// assert_eq!(cluster.apply("xtask", &namespace).await?, Applied::Already);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn apply(&self, manager: &str, object: &Value) -> Result<Applied, Error> {
        let metadata = &object["metadata"];
        let (namespace, name) =
            (metadata["namespace"].as_str(), metadata["name"].as_str().unwrap_or_default());
        let said = said(object)?;
        let kind = self.discover(&Place { kind: &said, namespace, name: Some(name) }).await?;
        let place = Place::of(&kind, namespace, name)?;
        let mut before = self.read(&place, Action::Apply).await?;
        if before.as_ref().is_some_and(|object| !object["metadata"]["deletionTimestamp"].is_null()) {
            return Err(Error::Terminating { what: place.to_string(), deleted: "it".into() });
        }
        let patch = place.request().patch(name, &PatchParams::apply(manager), &Patch::Apply(object));
        let mut after = self.request(&place, Action::Apply, patch).await?;
        let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
        let applied = match &before {
            None => Applied::Created,
            Some(before) if version(before) == version(&after) => Applied::Already,
            Some(_) => Applied::Changed,
        };
        if kind.kind == Resource::SECRET.kind {
            before.iter_mut().chain([&mut after]).for_each(erase);
        }
        Ok(applied)
    }

    /// The kind of what is to be applied, as the cluster knows it: what paths
    /// call it, and whether it has namespaces.
    async fn discover(&self, place: &Place<'_>) -> Result<Resource, Error> {
        let said = place.kind;
        let asked = GroupVersionKind::gvk(&said.group, &said.version, &said.kind);
        let (found, capabilities) = timeout(ANSWER_LIMIT, discovery::pinned_kind(self.client(), &asked))
            .await
            .map_err(|_| Error::silent(self.server(), ANSWER_LIMIT))?
            .map_err(|error| refusal::of(self.server(), Action::Apply, place, &error))?;
        let namespaced = capabilities.scope == Scope::Namespaced;
        Ok(Resource { plural: found.plural.into(), namespaced, ..said.clone() })
    }
}

/// The kind as an object says it; the rest is not known yet.
fn said(object: &Value) -> Result<Resource, Error> {
    let text = |key: &str| object[key].as_str().filter(|text| !text.is_empty());
    let (Some(version), Some(kind)) = (text("apiVersion"), text("kind")) else {
        let reason = "it does not say its `apiVersion` and `kind`".to_owned();
        return Err(Error::Invalid { what: "the object".into(), reason });
    };
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let owned = |text: &str| text.to_owned().into();
    Ok(Resource {
        group: owned(group),
        version: owned(version),
        kind: owned(kind),
        plural: owned(kind),
        namespaced: true,
    })
}
