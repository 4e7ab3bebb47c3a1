//! Makes the cluster, or brings it to what it shall be.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use super::cli::Cli;
use super::find::control_plane;
use super::status::is_merged;
use super::{Config, Drift, Folder, Found, Job, Kind, Made, Options, PATIENCE};
use crate::context::Context;
use crate::docker::Docker;
use crate::kubeconfig;

/// What became of the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// There was none.
    Created,
    /// There was one, or the beginning of one, which was removed.
    Recreated,
    /// It had stopped.
    Started,
    /// It ran, and was waited for or mended.
    Repaired,
    /// It was as it shall be.
    Already,
}

/// What [`Kind::up`] came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The name of the cluster.
    pub cluster: String,
    /// What became of it.
    pub change: Change,
    /// What was brought up to date, in words.
    pub repaired: Vec<String>,
    /// The names of its nodes.
    pub nodes: Vec<String>,
    /// Where this machine reaches the API.
    pub api: Option<SocketAddr>,
    /// Its kubeconfig.
    pub kubeconfig: PathBuf,
    /// The user's kubeconfig, when the context is there.
    pub merged: Option<PathBuf>,
    /// How long it took.
    pub seconds: f64,
}

impl Report {
    /// For people, in one line.
    pub fn summary(&self) -> String {
        let repaired = match self.repaired.as_slice() {
            [] => String::new(),
            repaired => format!("; brought up to date: {}", repaired.join(", ")),
        };
        format!("{}{repaired}", super::describe(&self.cluster, self.nodes.len(), self.api))
    }
}

impl Kind {
    /// Makes the cluster or brings it back, and returns when it is ready. One
    /// that was made with other settings is left as it is, unless it shall be
    /// made anew. `say` is told each step.
    pub fn up(&self, cx: &Context, options: Options, say: &dyn Fn(&str)) -> anyhow::Result<Report> {
        let begin = Instant::now();
        let config = Config::of(cx)?;
        let docker = Docker::find(cx)?;
        let found = self.look_in(cx, &docker)?;
        if options.recreate && found.made().is_some() {
            cx.confirm(&format!("make the cluster `{}` anew? what is in it is lost", self.cluster))?;
        }
        // An answer may have taken its time.
        let deadline = cx.deadline.or(PATIENCE);
        let job = Job { cx, docker: &docker, config: &config, options, deadline, say };
        let (change, repaired) = match &found {
            Found::Running(made) | Found::Stopped(made) if !options.recreate => {
                self.bring_back(&job, made)?
            }
            Found::Paused(made) if !options.recreate => return Err(self.paused(made).into()),
            _ => (self.make(&job, &found)?, Vec::new()),
        };
        let found = self.look_in(cx, &docker)?;
        let waited = self.wait(&job, found.nodes())?;
        // A context that was merged before may lead nowhere now.
        let context = self.context();
        let merge = options.merge || is_merged(cx, &context);
        let merged = if merge { Some(kubeconfig::merge(cx, &context)?.file) } else { None };
        Ok(Report {
            cluster: self.cluster.clone(),
            change: if change == Change::Already && waited { Change::Repaired } else { change },
            repaired,
            nodes: found.nodes().iter().map(|node| node.name.clone()).collect(),
            api: control_plane(found.nodes()).and_then(|node| node.api),
            kubeconfig: cx.own_kubeconfig(),
            merged,
            seconds: begin.elapsed().as_secs_f64(),
        })
    }

    fn bring_back(&self, job: &Job<'_>, made: &Made) -> anyhow::Result<(Change, Vec<String>)> {
        if let Some(drift) = Drift::of(&made.record, job.config)? {
            return Err(drift.refused(&self.cluster));
        }
        self.refuse_missing(made)?;
        let folder = Folder::of(job.cx);
        // What runs sees the folder that is gone until it starts anew.
        let halted = if folder.is_there() { None } else { Some(self.stop(job, &made.nodes)?) };
        let nodes = halted.as_deref().unwrap_or(&made.nodes);
        // Before the start: Docker makes a folder where a file is absent.
        let mut repaired = folder.write(job.cx, job.cx.profile()?.kind()?)?;
        job.docker.endpoint().keep(job.cx)?;
        let stopped = nodes.iter().any(|node| !node.is_running());
        if stopped {
            self.start(job, nodes)?;
        }
        if self.repair_kubeconfig(job)? {
            repaired.push("the kubeconfig".to_owned());
        }
        let change = match (stopped, repaired.is_empty()) {
            (true, _) => Change::Started,
            (false, false) => Change::Repaired,
            (false, true) => Change::Already,
        };
        Ok((change, repaired))
    }

    fn make(&self, job: &Job<'_>, found: &Found) -> anyhow::Result<Change> {
        let Job { cx, docker, say, .. } = job;
        // What is missing shall not be found out once the old one has gone.
        let cli = Cli::find(cx, &cx.profile()?.kind()?.versions)?;
        if let Found::HalfMade(_) = found {
            say(&format!("the cluster `{}` was never made to its end, and is made anew", self.cluster));
        }
        let removed = self.remove_nodes(cx, docker, say)?;
        self.create(job, &cli)?;
        Ok(if removed > 0 { Change::Recreated } else { Change::Created })
    }
}
