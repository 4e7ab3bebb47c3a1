//! The newest commit of the profile's branch.

use git_seed::Head;

use super::failure::told;
use crate::context::Context;
use crate::forge::Forge;
use crate::release::Watched;

/// The newest commit of the profile's branch, if it has one. The repository
/// has to be there.
pub fn head(cx: &Context, forge: &dyn Forge, watched: &Watched<'_>) -> anyhow::Result<Option<Head>> {
    let branch = &cx.profile()?.gitea()?.branch;
    let head = git_seed::head(forge.remote()?.as_ref(), branch, watched);
    head.map_err(|error| told(cx, &error))
}
