//! Waits until the cluster is truly ready: its API answers, its nodes are
//! ready, and so are the pods that every cluster needs.

use std::time::{Duration, Instant};

use cluster::{Awaited, Cluster, Error, Kind as ObjectKind, Resource, Standing};
use futures_util::future::try_join_all;
use tokio::time::{sleep, timeout_at};

use super::find::control_plane;
use super::fresh::{Started, silent};
use super::log::last_words;
use super::patience::Patience;
use super::{Job, Kind, Node, with_causes};
use crate::awaited::{EXPLAINING, late, objects, timed_out};
use crate::context::Context;
use crate::discovery::failure;
use crate::docker::Docker;
use crate::failure::Failure;

/// Between two questions to an API that does not answer.
const PAUSE: Duration = Duration::from_millis(200);
/// Beyond a deadline, for what was found out to be put together.
const SPARE: Duration = Duration::from_secs(1);
/// Where Kubernetes itself runs.
const SYSTEM: &str = "kube-system";
/// Where kind and kubeadm put what every cluster has.
const NAMESPACES: [&str; 2] = [SYSTEM, "local-path-storage"];

/// What a wait came to.
enum Waited {
    /// All is ready; whether it had to be waited for.
    Ready(bool),
    /// What is not, and a line for each thing that tells why.
    Late(Failure, Vec<String>),
}

impl Kind {
    /// Returns when all is ready: whether it had to be waited for. Fails with
    /// exit status 4 at the deadline, and says what is not ready, and why.
    pub(super) fn wait(&self, job: &Job<'_>, nodes: &[Node]) -> anyhow::Result<bool> {
        let Job { cx, docker, deadline, say, .. } = job;
        let started = self.started(cx, docker, nodes)?;
        match look(cx, &started, Patience::until(*deadline), say)? {
            Waited::Ready(waited) => Ok(waited),
            Waited::Late(failure, mut causes) => {
                causes.extend(last_words(docker, nodes));
                Err(with_causes(failure.help(self.look_further(cx, nodes)), causes))
            }
        }
    }

    /// Looks briefly why the cluster is not ready, if it is not.
    pub(super) fn unready(
        &self,
        cx: &Context,
        docker: &Docker,
        nodes: &[Node],
    ) -> anyhow::Result<Vec<String>> {
        let started = self.started(cx, docker, nodes)?;
        match look(cx, &started, Patience::brief(cx), &|_| {})? {
            Waited::Ready(_) => Ok(Vec::new()),
            Waited::Late(_, causes) => Ok(causes),
        }
    }

    fn look_further(&self, cx: &Context, nodes: &[Node]) -> String {
        let (file, cluster) = (cx.own_kubeconfig(), &self.cluster);
        let node = control_plane(nodes).map_or("NODE", |node| &node.name);
        format!(
            "look further with `kubectl --kubeconfig {} describe nodes,pods --all-namespaces`, \
             `docker logs {node}` or `kind export logs --name {cluster}`; give it more time with `--timeout`",
            cx.shown(&file)
        )
    }
}

fn look(cx: &Context, started: &[Started], patience: Patience, say: &dyn Fn(&str)) -> anyhow::Result<Waited> {
    let looking = async {
        let cluster = Cluster::open(&cx.own_access()).await.map_err(|error| failure(&error))?;
        let mut trouble = Trouble { last: None, say };
        let answer =
            timeout_at(patience.answer.into(), answers(&cluster, started, patience.ready, &mut trouble))
                .await;
        let Some(awaited) = answer.unwrap_or(Ok(None)).map_err(|error| failure(&error))? else {
            return Ok(trouble.late());
        };
        match objects_ready(&cluster, &awaited, patience.after_the_answer(), say).await {
            Ok(Waited::Ready(waited)) => Ok(Waited::Ready(waited || trouble.last.is_some())),
            Err(error) if is_passing(&error) => {
                trouble.last = Some(error.to_string());
                Ok(trouble.late())
            }
            other => other.map_err(|error| failure(&error)),
        }
    };
    cx.block_on(patience.answer + EXPLAINING + SPARE, "the cluster", looking)?
}

/// What keeps the API, or a node, from telling.
struct Trouble<'a> {
    last: Option<String>,
    say: &'a dyn Fn(&str),
}

impl Trouble<'_> {
    /// Says it, unless something was said before.
    fn take(&mut self, what: String) {
        if self.last.is_none() {
            (self.say)(&format!("waiting for the API: {what}"));
        }
        self.last = Some(what);
    }

    fn late(self) -> Waited {
        Waited::Late(
            late("the cluster's API"),
            vec![self.last.unwrap_or_else(|| "it does not answer".to_owned())],
        )
    }
}

/// Returns what else is to be ready, when the API says that it is, and the
/// nodes have told of themselves since they were started; `None` if that is
/// not so at the deadline.
async fn answers(
    cluster: &Cluster,
    started: &[Started],
    deadline: Instant,
    trouble: &mut Trouble<'_>,
) -> Result<Option<Vec<Awaited>>, Error> {
    loop {
        let asked = async {
            cluster.ready().await?;
            tokio::try_join!(silent(cluster, started), awaited(cluster))
        };
        match asked.await {
            Ok((silent, awaited)) if silent.is_empty() => return Ok(Some(awaited)),
            Ok((silent, _)) => {
                trouble.take(format!(
                    "nodes have not told of themselves since they started: {}",
                    silent.join(", ")
                ));
            }
            Err(error) if is_passing(&error) => trouble.take(error.to_string()),
            Err(error) => return Err(error),
        }
        if Instant::now() + PAUSE >= deadline {
            return Ok(None);
        }
        sleep(PAUSE).await;
    }
}

/// Whether it may come right by itself, as while the API server starts.
fn is_passing(error: &Error) -> bool {
    matches!(error, Error::Unreachable { .. } | Error::Refused { .. })
}

async fn objects_ready(
    cluster: &Cluster,
    awaited: &[Awaited],
    deadline: Instant,
    say: &dyn Fn(&str),
) -> Result<Waited, Error> {
    // Whether each was ready when it was told last; it is told once when it
    // is not, and once when it has come to be.
    let mut told: Vec<Option<bool>> = vec![None; awaited.len()];
    let mut waited = false;
    let progress = |index: usize, standing: &Standing| {
        let ready = standing.is_ready();
        let before = told[index].replace(ready);
        waited |= !ready;
        if before != Some(ready) && !(before.is_none() && ready) {
            say(&format!("{}: {standing}", standing.awaited()));
        }
    };
    let standings = cluster.wait(awaited, deadline.into(), progress).await?;
    if standings.iter().all(Standing::is_ready) {
        return Ok(Waited::Ready(waited));
    }
    let objects = objects(cluster, &standings, deadline + EXPLAINING).await;
    let causes = objects.iter().filter(|object| !object.ready).map(|object| {
        let reasons = object.reasons().into_iter().map(|reason| format!("\n  {reason}"));
        format!("{}{}", object.headline(), reasons.collect::<String>())
    });
    Ok(Waited::Late(timed_out(&standings), causes.collect()))
}

/// The nodes, and all that kind and kubeadm have put there: what runs it, by
/// name, since its pods may not have been made yet, and the pods there are.
async fn awaited(cluster: &Cluster) -> Result<Vec<Awaited>, Error> {
    let all = |kind: ObjectKind, namespace: Option<&str>| Awaited {
        kind,
        namespace: namespace.map(str::to_owned),
        name: None,
        until: kind.default_until().to_vec(),
    };
    let mut awaited = vec![all(ObjectKind::Node, None), all(ObjectKind::Pod, Some(SYSTEM))];
    let kinds =
        [(ObjectKind::Deployment, Resource::DEPLOYMENT), (ObjectKind::DaemonSet, Resource::DAEMON_SET)];
    let places = NAMESPACES.iter().flat_map(|namespace| kinds.iter().map(move |kind| (namespace, kind)));
    let asked = places.map(|(namespace, (kind, resource))| named(cluster, *kind, resource, namespace));
    awaited.extend(try_join_all(asked).await?.concat());
    Ok(awaited)
}

/// Each object of a kind that is there now.
async fn named(
    cluster: &Cluster,
    kind: ObjectKind,
    resource: &Resource,
    namespace: &str,
) -> Result<Vec<Awaited>, Error> {
    let objects = cluster.objects(resource, Some(namespace), None).await?;
    let names = objects.iter().filter_map(|object| object["metadata"]["name"].as_str());
    Ok(names.map(|name| Awaited::one(kind, namespace, name)).collect())
}
