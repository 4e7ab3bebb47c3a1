//! Whether the cluster answers.

use std::path::PathBuf;

use cluster::Last;

use super::{Check, Facts, Seen, Verb};
use crate::context::Context;
use crate::discovery;
use crate::profile::Kubernetes;

pub(super) const CHECK: Check = Check {
    name: "cluster",
    why: "it names the load balancers' addresses and the hosts",
    applies: |cx| cx.profile().is_ok_and(|profile| profile.kubernetes != Kubernetes::None),
    verbs: &[Verb::Metallb, Verb::Router, Verb::Up],
    look,
};

fn look(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let cx = facts.cx;
    if cx.profile()?.kind.is_some() && !is_there_to_be(cx) {
        return Ok(Seen::good("not made yet; `cargo xtask kind up` makes it"));
    }
    let seen = discovery::observe(cx)?;
    let there = seen.services.values().filter(|service| matches!(service.last, Last::There(_))).count();
    let services = seen.services.len();
    Ok(Seen::good(format!("it answers, and has {there} of the {services} services that routes name")))
}

/// Whether kind has made a cluster for this workspace, or the call names one.
fn is_there_to_be(cx: &Context) -> bool {
    let usual = cx.environment.kubeconfig.iter();
    let usual: Vec<PathBuf> = usual.filter_map(|file| std::path::absolute(file).ok()).collect();
    let is_named = cx.access().context.is_some() || cx.access().files != usual;
    is_named || cx.state_dir().join("kubeconfig").exists()
}
