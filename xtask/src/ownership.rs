//! How objects in a cluster are known to be ours.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::state::id_of;

/// In whose name objects are applied.
pub const MANAGER: &str = "xtask";

/// The labels of everything that we make for the chosen profile.
pub fn labels(cx: &Context) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("dev.xtask.workspace".to_owned(), format!("{:016x}", id_of(cx.root()))),
        ("dev.xtask.profile".to_owned(), cx.choice.name.clone()),
    ])
}
