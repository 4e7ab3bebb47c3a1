//! The platform without Kubernetes: stand-ins for the services that the
//! profile's routes lead to, and the router before them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use super::Options;
use super::stages::certificates::{CERTIFICATES, CertificatesStage};
use super::stages::clone::CloneStage;
use super::stages::forge::ForgeStage;
use super::stages::routes::{LastCheck, RoutesStage};
use super::stages::seed::SeedStage;
use super::stages::stand_in::{Place, Post, StandInStage};
use super::stages::tarball::TarballStage;
use super::stages::{ROUTER, told};
use crate::context::Context;
use crate::daemon::Daemon;
use crate::discovery;
use crate::engine::{self, Change, EngineStatus};
use crate::stage::{Graph, Progress, Stage, State};
use crate::stand_in::certificates::Certificates;
use crate::stand_in::roles;
use crate::state::StateDir;

/// How long open connections may take when the router goes down.
const DRAIN: Duration = Duration::from_secs(5);

/// The stages, and where the routing check leaves its result.
pub fn graph(cx: &Context, options: &Options) -> anyhow::Result<(Graph, LastCheck)> {
    let profile = cx.profile()?;
    let table = profile.table(profile.listed_hosts(), &BTreeMap::new())?;
    let certificates = Arc::new(Certificates::new(StateDir::of(cx), table.routes(), profile.domain.as_str()));
    let roles = roles(profile);
    let names = roles.iter().map(|role| role.name.clone()).collect();
    let last_check = LastCheck::default();
    let mut stages: Vec<Box<dyn Stage>> = vec![Box::new(CertificatesStage(Arc::clone(&certificates)))];
    for role in roles {
        let (daemon, certificates) = (Daemon::new(cx, &role.name), Arc::clone(&certificates));
        let (place, needs) = (Place::Loopback, vec![CERTIFICATES]);
        let is_forge = profile.gitea.as_ref().is_some_and(|gitea| gitea.stands_for(&role.service));
        let post = Post { role, daemon, certificates, place, needs };
        if is_forge {
            stages.extend(release(post, options));
        } else {
            stages.push(Box::new(StandInStage(post)));
        }
    }
    stages.push(Box::new(RouterStage { services: names }));
    stages.push(Box::new(RoutesStage { last_check: Arc::clone(&last_check), may_be_absent: false }));
    Ok((Graph::new(stages)?, last_check))
}

/// The forge, and the release in it.
fn release(post: Post, options: &Options) -> Vec<Box<dyn Stage>> {
    let (forge, tarball) = (post.role.name.clone(), options.tarball.clone());
    let mut stages: Vec<Box<dyn Stage>> = vec![Box::new(ForgeStage(post))];
    if tarball.is_none() {
        stages.push(Box::new(TarballStage));
    }
    stages.push(Box::new(SeedStage { forge: forge.clone(), tarball }));
    stages.push(Box::new(CloneStage { forge }));
    stages
}

struct RouterStage {
    services: Vec<String>,
}

impl Stage for RouterStage {
    fn name(&self) -> &str {
        ROUTER
    }

    fn needs(&self) -> Vec<&str> {
        self.services.iter().map(String::as_str).collect()
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let engine = engine::of(cx)?;
        let Some(serving) = engine.serving(cx)? else {
            return Ok(State::Down("starting the embedded router".to_owned()));
        };
        engine::check_listeners(cx, &serving.listeners)?;
        if serving.table != discovery::discover(cx, &[])?.table {
            return Ok(State::Down("its table is out of date".to_owned()));
        }
        // Replacing it would cut connections: the user chooses when.
        let foreign =
            matches!(engine.status(cx)?, Some(EngineStatus::Embedded(status)) if !status.is_current());
        let note = if foreign { "; of another build: `cargo xtask router restart` replaces it" } else { "" };
        Ok(State::Up(format!("{}{note}", serving.describe())))
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        Ok(vec![format!("start `xtask daemon router` on {}", engine::describe_wanted(cx)?)])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        let engine = engine::of(cx)?;
        let change = engine.start(cx, &discovery::discover(cx, &[])?.table)?;
        let serving = engine.serving(cx)?.context("the router ended as soon as it had started")?;
        Ok(match change {
            Change::Reloaded => format!("{}, reloaded", serving.describe()),
            Change::Started | Change::Already => serving.describe(),
        })
    }

    fn undo(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(told(engine::of(cx)?.stop(cx, DRAIN)?))
    }
}
