//! Where the router shall listen.

use super::{Check, Facts, Seen, Verb, is_traefik};
use crate::{engine, launch};

pub(super) const CHECK: Check = Check {
    name: "listeners",
    why: "the router takes connections there",
    applies: |cx| cx.profile().is_ok_and(|profile| profile.router.is_some()),
    verbs: &[Verb::Router, Verb::Up],
    look,
};

fn look(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let cx = &launch::resume(facts.cx)?;
    if is_traefik(cx)
        && let Err(unknown) = facts.told_by_docker()
    {
        return Ok(unknown);
    }
    let router = engine::of(cx)?;
    if let Some(serving) = router.serving(cx)? {
        engine::check_listeners(cx, &serving.listeners)?;
        return Ok(Seen::good(format!("the router listens already: {}", serving.describe())));
    }
    router.preflight(cx)?;
    Ok(Seen::good(format!("the router can listen on {}", engine::describe_wanted(cx)?)))
}
