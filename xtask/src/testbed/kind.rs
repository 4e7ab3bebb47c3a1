//! Docker with what kind and MetalLB need: an image of nodes, a chart, and the
//! programs of users.

mod chart;
mod node;
mod privilege;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;

use super::docker::{Docker, Server};
use super::{Ready, Testbed};
use crate::context::Context;
use crate::part::{self, HELM, KIND, KIND_NODE, KUBE_APISERVER, METALLB_CONTROLLER, Part};
use crate::process::Program;

/// How long Docker may take for one answer.
const PATIENCE: Duration = Duration::from_mins(2);
/// The network of all clusters that kind makes.
const NETWORK: &str = "kind";
/// What is built here, which takes minutes; in the order of [`Built`].
const BUILT: [&Part; 5] = [&KIND, &HELM, &KUBE_APISERVER, &METALLB_CONTROLLER, &KIND_NODE];

/// Docker, and what the nodes and the chart are made of.
#[derive(Debug)]
pub struct Kind {
    docker: Docker,
    busybox: PathBuf,
    etcd: PathBuf,
    built: Built,
}

/// The programs that are built here.
#[derive(Debug)]
struct Built {
    kind: PathBuf,
    helm: PathBuf,
    kube_apiserver: PathBuf,
    controller: PathBuf,
    node: PathBuf,
}

/// In the order in which they end.
struct Servers {
    _chart: TempDir,
    // What is in the network goes before it does.
    _docker: Server,
    _network: Network,
}

/// The network, which kind leaves behind; removed when dropped if it was absent.
struct Network {
    client: Program,
    was_there: bool,
}

impl Kind {
    /// Builds what is not there if it may be built: with `CI=true`, with
    /// `--yes`, or when it was asked for by name. Else says why not.
    pub fn prepare(
        cx: &Context,
        named: bool,
        [docker, busybox, etcd, traefik]: [&Path; 4],
    ) -> anyhow::Result<Result<Testbed, String>> {
        let may_build = named || cx.yes || cx.environment.ci;
        if let Some(part) = BUILT.into_iter().find(|part| !may_build && part.find(cx).is_none()) {
            return Ok(Err(format!(
                "`{}` is not built, which takes minutes: `cargo xtask test kind` builds it",
                part.name
            )));
        }
        let docker = match Docker::prepare(cx, docker, traefik)? {
            Ok(docker) => docker,
            Err(why) => return Ok(Err(why)),
        };
        let built: Result<Vec<_>, _> = part::provide(cx, &BUILT)?.into_iter().collect();
        let built = match built {
            Ok(built) => built,
            Err(why) => return Ok(Err(why)),
        };
        let [kind, helm, kube_apiserver, controller, node] =
            built.try_into().ok().context("each of them was asked for")?;
        let built = Built { kind, helm, kube_apiserver, controller, node };
        Ok(Ok(Testbed::Kind(Self { docker, busybox: busybox.to_owned(), etcd: etcd.to_owned(), built })))
    }

    pub(super) fn plan(&self, cx: &Context) -> anyhow::Result<()> {
        self.docker.plan(cx)?;
        cx.reporter.would(&format!("build `{}` of `{}`", node::image(cx), self.built.node.display()))?;
        cx.reporter.would(&format!("pack `{}`", chart::SOURCE))
    }

    pub(super) fn start(&self, cx: &Context, program: Program) -> anyhow::Result<Ready> {
        let chart = chart::pack(cx, &self.built.helm)?;
        let server = self.docker.serve(cx)?;
        let network = Network::look(&server.client)?;
        node::build(cx, &server.client, self)?;
        let path = privilege::folder(cx, &server, self.docker.program())?;
        let program = server
            .told(cx, program)
            .variable(&KIND.variable(), &self.built.kind)
            .variable(&HELM.variable(), &self.built.helm)
            .variable("XTASK_TEST_NODE_IMAGE", node::image(cx))
            .variable("XTASK_TEST_CHART", chart.path().join(chart::archive()))
            .variable("XTASK_TEST_PATH", path);
        let servers = Servers { _chart: chart, _docker: server, _network: network };
        Ok(Ready { program, _servers: Box::new(servers) })
    }
}

impl Network {
    fn look(client: &Program) -> anyhow::Result<Self> {
        let list = client.clone().args(["network", "ls", "--quiet", "--filter", "name=^kind$"]);
        let was_there = !list.quietly(PATIENCE)?.trim().is_empty();
        Ok(Self { client: client.clone(), was_there })
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if !self.was_there {
            // Somebody else may have a cluster in it by now, or it is gone.
            let _ = self.client.clone().args(["network", "rm", NETWORK]).quietly(PATIENCE);
        }
    }
}
