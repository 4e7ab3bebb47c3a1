//! Makes the cluster: all or nothing.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use bollard::Docker as Client;

use super::cli::{CONFIG, Cli};
use super::fault::{fault, is_network_gone};
use super::find::control_plane;
use super::log::last_words;
use super::network;
use super::phase::Phase;
use super::record::Record;
use super::remove::remove_folder;
use super::{Config, Folder, Job, Kind};
use crate::context::Context;
use crate::docker::{self, Docker, Endpoint};
use crate::failure::{Exit, Failure, exit_of};
use crate::kubeconfig;
use crate::replace::replace_private;
use crate::state::id_of;

/// How often kind is called when the network goes meanwhile.
const TRIES: u32 = 3;
/// How long a look at what kind left may take.
const LOOK: Duration = Duration::from_secs(5);

impl Kind {
    /// Makes the nodes, and keeps the kubeconfig. Unless all succeeds nothing
    /// is left, but for what the user wants to retain.
    pub(super) fn create(&self, job: &Job<'_>, cli: &Cli) -> anyhow::Result<()> {
        let Job { cx, docker, config, options, .. } = job;
        Folder::of(cx).write(cx, cx.profile()?.kind()?)?;
        docker.endpoint().keep(cx)?;
        let folder = self.prepare(cx, config)?;
        // Until it is known to have been there: an interrupted request may be carried out.
        let mut made_network = true;
        let made = self.call(job, cli, &mut made_network).and_then(|()| self.sign(cx, docker, config));
        // It has a key in it.
        let removed = remove_folder(&folder);
        let Err(error) = made else { return removed.map(drop) };
        if options.retain && exit_of(&error) != Exit::Interrupted {
            cx.reporter.note(&self.retained());
            return Err(error);
        }
        Err(self.undone(cx, docker, made_network, error))
    }

    /// The folder that kind reads and writes: private, and empty but for its
    /// configuration, so that no lock of a kind that was killed is in its way.
    fn prepare(&self, cx: &Context, config: &Config) -> anyhow::Result<PathBuf> {
        let folder = self.work_folder().join("create");
        let make = || -> anyhow::Result<()> {
            remove_folder(&folder)?;
            fs::DirBuilder::new().mode(0o700).create(&folder)?;
            replace_private(&folder.join(CONFIG), config.yaml.as_bytes())
        };
        make().with_context(|| {
            Failure::missing(format!("cannot write `{}`", cx.shown(&folder)))
                .help("see that its folder is writable and its disk is not full")
        })?;
        Ok(folder)
    }

    fn call(&self, job: &Job<'_>, cli: &Cli, made_network: &mut bool) -> anyhow::Result<()> {
        let Job { cx, docker, deadline, say, .. } = job;
        let folder = self.work_folder().join("create");
        let limit = || cx.deadline.or(docker::PATIENCE);
        for again in 1.. {
            let made =
                docker.ask(cx, limit(), "Docker", async |client: Client| network::ensure(&client).await)?;
            *made_network = made || again > 1;
            let mut phase = Phase::default();
            let line = |line: &str| {
                cx.reporter.detail(line);
                if let Some(begun) = Phase::begun_by(line) {
                    phase = begun;
                    say(phase.describe());
                }
            };
            let ended = cli.create(cx, docker.endpoint(), &self.cluster, &folder, *deadline, line);
            let (status, said) = ended.map_err(|error| late(error, phase))?;
            if status.success() {
                return Ok(());
            }
            if again == TRIES || !is_network_gone(&said) {
                return Err(fault(&said, &status.to_string(), phase, self.last_words(docker)));
            }
            self.clean_up(docker, false)?;
        }
        Ok(())
    }

    /// The cluster is whole: it says so of itself from now on.
    fn sign(&self, cx: &Context, docker: &Docker, config: &Config) -> anyhow::Result<()> {
        let workspace = id_of(cx.root());
        let text = docker.ask(cx, cx.deadline.or(docker::PATIENCE), "Docker", async |client: Client| {
            let nodes = self.nodes(&client).await?;
            let text = self.kubeconfig(&client, &nodes).await?;
            let names = nodes.iter().map(|node| node.name.clone()).collect();
            let record = Record::new(workspace, &cx.choice.name, config, names);
            let node = control_plane(&nodes).context("the cluster has no control plane")?;
            record.put(&client, &node.id).await?;
            Ok(text)
        })?;
        kubeconfig::keep(cx, &text).map(drop)
    }

    /// What the control plane said last, as far as Docker tells.
    fn last_words(&self, docker: &Docker) -> Option<String> {
        let nodes = docker.ask_at_last(LOOK, async |client: Client| self.nodes(&client).await).ok()?;
        last_words(docker, &nodes)
    }

    /// How the nodes that kind left are looked at, and removed.
    fn retained(&self) -> String {
        let cluster = &self.cluster;
        format!(
            "the nodes of `{cluster}` are retained: look at them with `kind export logs --name {cluster}`, \
             and remove them with `cargo xtask kind down`"
        )
    }

    /// Removes what was made before it failed with `error`, or tells what remains.
    fn undone(&self, cx: &Context, docker: &Docker, network: bool, error: anyhow::Error) -> anyhow::Error {
        let Err(remains) = self.clean_up(docker, network) else {
            // Nothing is there that would have to be found again.
            let _ = fs::remove_file(Endpoint::kept(cx));
            if cx.interrupt.requested() {
                return Failure::interrupted("interrupted; nothing is left of the cluster").into();
            }
            return error;
        };
        let failure =
            Failure::failed(format!("the cluster `{}` was not made, and its nodes may remain", self.cluster))
                .help("remove them with `cargo xtask kind down`");
        anyhow::anyhow!("{remains:#}; before that: {error:#}").context(failure)
    }
}

/// It is told how far kind was when the time was up.
fn late(error: anyhow::Error, phase: Phase) -> anyhow::Error {
    if exit_of(&error) != Exit::TimedOut {
        return error;
    }
    let message = format!("the time was up while kind was {}", phase.describe());
    Failure::timed_out(message).help("give it more time with `--timeout`").into()
}
