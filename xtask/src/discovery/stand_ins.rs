//! Services without Kubernetes: their stand-ins.

use std::collections::BTreeMap;

use anyhow::Context as _;
use routing::Backend;

use crate::context::Context;
use crate::daemon::{Daemon, Status};
use crate::stand_in::{StandInStatus, roles};

/// Where the stand-ins that run listen, by route.
pub(super) fn backends(cx: &Context) -> anyhow::Result<BTreeMap<String, Backend>> {
    let mut backends = BTreeMap::new();
    for role in roles(cx.profile()?) {
        let status: Option<Status<StandInStatus>> = Daemon::new(cx, &role.name).status()?;
        for listener in status.into_iter().flat_map(|status| status.service.listeners) {
            let backend = Backend::new(listener.address).context("a stand-in listens on an odd address")?;
            backends.insert(listener.route, backend);
        }
    }
    Ok(backends)
}
