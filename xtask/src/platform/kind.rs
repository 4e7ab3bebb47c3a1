//! The platform in a cluster that kind makes: namespaces, addresses for load
//! balancers, the router before them, and samples of the services if wanted.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Options;
use super::stages::certificates::{CERTIFICATES, CertificatesStage};
use super::stages::cluster::ClusterStage;
use super::stages::metallb::MetallbStage;
use super::stages::namespaces::NamespacesStage;
use super::stages::router::RouterStage;
use super::stages::routes::{LastCheck, RoutesStage};
use super::stages::samples::{SAMPLES, SamplesStage};
use super::stages::stand_in::{Place, Post, StandInStage};
use super::stages::{KIND, METALLB, NAMESPACES};
use crate::context::Context;
use crate::daemon::Daemon;
use crate::stage::{Graph, Stage};
use crate::stand_in::certificates::Certificates;
use crate::stand_in::roles;
use crate::state::StateDir;

/// The stages, and where the routing check leaves its result.
pub fn graph(cx: &Context, options: &Options) -> anyhow::Result<(Graph, LastCheck)> {
    let profile = cx.profile()?;
    let last_check = LastCheck::default();
    let mut stages: Vec<Box<dyn Stage>> = vec![
        Box::new(ClusterStage),
        Box::new(NamespacesStage(profile.namespaces.clone())),
        Box::new(MetallbStage { chart: options.chart.clone() }),
    ];
    let mut needs = vec![NAMESPACES, METALLB];
    if options.samples {
        stages.extend(samples(cx)?);
        needs.push(SAMPLES);
    }
    stages.push(Box::new(RouterStage { needs }));
    let may_be_absent = !options.samples;
    stages.push(Box::new(RoutesStage { last_check: Arc::clone(&last_check), may_be_absent }));
    Ok((Graph::new(stages)?, last_check))
}

/// A stand-in for each service, and what leads to them.
fn samples(cx: &Context) -> anyhow::Result<Vec<Box<dyn Stage>>> {
    let profile = cx.profile()?;
    let table = profile.table(profile.listed_hosts(), &BTreeMap::new())?;
    let certificates = Arc::new(Certificates::new(StateDir::of(cx), table.routes(), profile.domain.as_str()));
    let roles = roles(profile);
    let mut stages: Vec<Box<dyn Stage>> = vec![Box::new(CertificatesStage(Arc::clone(&certificates)))];
    for role in roles.clone() {
        let (daemon, certificates) = (Daemon::new(cx, &role.name), Arc::clone(&certificates));
        let (place, needs) = (Place::Gateway, vec![CERTIFICATES, KIND]);
        stages.push(Box::new(StandInStage(Post { role, daemon, certificates, place, needs })));
    }
    stages.push(Box::new(SamplesStage { roles }));
    Ok(stages)
}
