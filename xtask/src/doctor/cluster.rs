//! Whether the cluster answers.

use std::path::PathBuf;

use cluster::Last;

use super::{Check, Facts, Seen, Verb};
use crate::context::Context;
use crate::discovery;
use crate::profile::Kubernetes;
use crate::render;
use crate::state::id_of;

pub(super) const CHECK: Check = Check {
    name: "cluster",
    why: "it names the load balancers' addresses and the hosts",
    applies: |cx| cx.profile().is_ok_and(|profile| profile.kubernetes != Kubernetes::None),
    verbs: &[Verb::Metallb, Verb::Router, Verb::Up],
    look,
};

fn look(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let cx = facts.cx;
    if cx.profile()?.kind.is_some() && !is_named(cx) {
        if !cx.state_dir().join("kubeconfig").exists() {
            return Ok(Seen::good("not made yet; `cargo xtask kind up` makes it"));
        }
        match facts.told_by_docker() {
            Ok(docker) if !docker.runs(&control_plane(cx)) => return Ok(stopped()),
            Ok(_) => {}
            Err(unknown) => return Ok(unknown),
        }
    }
    let seen = discovery::observe(cx)?;
    let there = seen.services.values().filter(|service| matches!(service.last, Last::There(_))).count();
    let services = seen.services.len();
    Ok(Seen::good(format!("it answers, and has {there} of the {services} services that routes name")))
}

fn stopped() -> Seen {
    Seen::warning("it was made, and does not run", "start it with `cargo xtask kind up`")
}

/// The container that kind gives to the control plane.
fn control_plane(cx: &Context) -> String {
    format!("{}-control-plane", render::project(&cx.choice.name, id_of(cx.root())))
}

/// Whether the call names a cluster, which then need not be one that kind made.
fn is_named(cx: &Context) -> bool {
    let usual = cx.environment.kubeconfig.iter();
    let usual: Vec<PathBuf> = usual.filter_map(|file| std::path::absolute(file).ok()).collect();
    let files = &cx.access().files;
    let own = [cx.state_dir().join("kubeconfig")];
    cx.access().context.is_some() || (*files != usual && *files != own)
}
