//! Whether the cluster answers.

use cluster::Last;

use super::{Check, Facts, Seen, Verb};
use crate::context::Context;
use crate::discovery;
use crate::kind::Kind;
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
    if cx.profile()?.kind.is_some() && !cx.names_cluster() {
        if !cx.own_kubeconfig().exists() {
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
    format!("{}-control-plane", Kind::by_name(cx).cluster())
}
