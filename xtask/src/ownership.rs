//! How objects in a cluster are known to be ours.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::context::Context;
use crate::state::id_of;

/// In whose name fields are set.
pub const MANAGER: &str = "xtask";

/// The label with the id of the workspace.
pub const WORKSPACE: &str = "dev.xtask.workspace";
/// The label with the name of the profile.
pub const PROFILE: &str = "dev.xtask.profile";

/// Whose objects they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Id of the workspace, 16 hexadecimal digits.
    pub workspace: String,
    /// Name of the profile.
    pub profile: String,
}

impl Owner {
    /// This workspace, with the chosen profile.
    pub fn of(cx: &Context) -> Self {
        Self { workspace: format!("{:016x}", id_of(cx.root())), profile: cx.choice.name.clone() }
    }

    /// What our objects carry.
    pub fn labels(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (WORKSPACE.to_owned(), self.workspace.clone()),
            (PROFILE.to_owned(), self.profile.clone()),
        ])
    }

    /// Whether an object is ours.
    pub fn owns(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        labels[WORKSPACE] == *self.workspace && labels[PROFILE] == *self.profile
    }
}
