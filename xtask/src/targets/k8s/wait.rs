//! `k8s wait`.

mod answer;
mod view;
mod words;

use std::time::{Duration, Instant};

use cluster::{Awaited, Cluster, Standing};
use tokio::time::timeout_at;

use self::answer::Waited;
use self::view::View;
use crate::awaited::{EXPLAINING, late, objects, timed_out};
use crate::context::Context;
use crate::discovery::failure;

/// How long is waited when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_mins(5);
/// Beyond that, for what was found out to be put together.
const SPARE: Duration = Duration::from_secs(1);

/// Wait until services, workloads, pods, nodes or applications of Argo CD are ready
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What is waited for, e.g. service/argocd/argocd-server; with --all a kind alone
    #[arg(required = true, value_name = "KIND/[NAMESPACE/]NAME")]
    objects: Vec<String>,
    /// Namespace of objects that name none [default: with --all every one, else that of the context]
    #[arg(short, long, value_name = "NAME")]
    namespace: Option<String>,
    /// What they become: address, available, ready, healthy, synced, condition=NAME[=STATUS] or
    /// delete [default: by their kind]
    #[arg(long = "for", value_name = "WHAT")]
    until: Vec<String>,
    /// All there are of a kind, also those that come meanwhile
    #[arg(long)]
    all: bool,
}

impl Args {
    /// Returns when all is ready at once. Fails with exit status 4 when the
    /// time is up, and says of each object that is not ready why.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let awaited = words::awaited(&self)?;
        if cx.dry_run {
            return awaited.iter().try_for_each(|it| cx.reporter.would(&describe(it)));
        }
        let begin = Instant::now();
        let deadline = cx.deadline.or(PATIENCE);
        let waiting = async {
            let opened = timeout_at(deadline.into(), Cluster::open(cx.access())).await;
            let cluster = opened.map_err(|_| late("the cluster"))?.map_err(|error| failure(&error))?;
            let awaited = located(awaited, cluster.namespace());
            let mut view = View::new(&cx.reporter, &awaited, begin);
            let progress = |index, standing: &Standing| view.show(index, standing);
            let standings = cluster.wait(&awaited, deadline.into(), progress).await;
            let standings = standings.map_err(|error| failure(&error))?;
            view.end(&standings);
            let objects = objects(&cluster, &standings, deadline + EXPLAINING).await;
            anyhow::Ok((standings, objects))
        };
        let (standings, objects) = cx.block_on(deadline + EXPLAINING + SPARE, "the cluster", waiting)??;
        let ready = standings.iter().all(Standing::is_ready);
        let seconds = begin.elapsed().as_secs_f64();
        cx.reporter.answer("k8s wait", &Waited { ready, seconds, objects })?;
        if ready { Ok(()) } else { Err(timed_out(&standings).into()) }
    }
}

/// Each once, with `default` as the namespace of those that need one.
fn located(awaited: Vec<Awaited>, default: &str) -> Vec<Awaited> {
    let mut located = Vec::new();
    for it in awaited {
        let needed = it.kind.is_namespaced() && it.name.is_some();
        let namespace = it.namespace.or_else(|| needed.then(|| default.to_owned()));
        let it = Awaited { namespace, ..it };
        if !located.contains(&it) {
            located.push(it);
        }
    }
    located
}

fn describe(awaited: &Awaited) -> String {
    let until: Vec<String> = awaited.until.iter().map(ToString::to_string).collect();
    format!("wait for {awaited}: {}", until.join(", "))
}
