//! What every target needs to know: where it is, what was chosen, how to report.

mod choice;
mod cluster_choice;
mod confirm;
mod deadline;
mod io;
mod launch;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use cluster::Access;

pub use choice::{ChoiceSource, ProfileChoice};
pub use deadline::Deadline;
pub use io::clean_up;
pub use launch::{Launch, SandboxRequest};

use self::cluster_choice::ClusterChoice;
use self::io::run_until;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::flags::Global;
use crate::interrupt::Interrupt;
use crate::lock::Lock;
use crate::profile::Profile;
use crate::report::Reporter;

/// The one explicit context; there are no globals.
#[derive(Debug)]
pub struct Context {
    /// What was read from the environment.
    pub environment: Environment,
    /// Show what would be done, and do nothing.
    pub dry_run: bool,
    /// Do not ask before something is removed.
    pub yes: bool,
    /// When the target must be done.
    pub deadline: Deadline,
    /// Whether the user asked to stop.
    pub interrupt: Interrupt,
    /// Where everything is printed.
    pub reporter: Reporter,
    /// Which profile, and who said so.
    pub choice: ProfileChoice,
    /// Held until the end of a call that changes the platform.
    pub turn: Arc<OnceLock<Lock>>,
    overrides: Vec<String>,
    cluster: ClusterChoice,
    sandbox: Option<SandboxRequest>,
    profile: OnceLock<Profile>,
}

impl Context {
    /// Builds the context from the global flags and the environment.
    pub fn new(global: &Global, environment: Environment, reporter: Reporter) -> anyhow::Result<Self> {
        let choice = ProfileChoice::new(global.profile.as_deref(), &environment)?;
        let domain = environment.domain.iter().map(|domain| format!("domain={domain}"));
        let overrides = domain.chain(global.set.iter().cloned()).collect();
        Ok(Self {
            dry_run: global.dry_run,
            yes: global.yes,
            deadline: Deadline(global.timeout.and_then(|timeout| Instant::now().checked_add(timeout))),
            interrupt: Interrupt::install()?,
            reporter,
            choice,
            overrides,
            cluster: ClusterChoice::new(global, &environment),
            sandbox: None,
            profile: OnceLock::new(),
            turn: Arc::default(),
            environment,
        })
    }

    /// A context that says nothing and is rooted where there is nothing.
    #[cfg(test)]
    pub fn for_tests() -> Self {
        let flags = Global::of(&["--quiet", "--profile", "local"]);
        let reporter = Reporter::new(flags.format, flags.color, flags.verbosity(), false);
        let environment = Environment {
            root: PathBuf::from("/nonexistent"),
            state_dir: None,
            profile: None,
            ci: false,
            github_actions: false,
            kubeconfig: Vec::new(),
            in_cluster: false,
            proxies: cluster::Proxies::default(),
            skip_router: false,
            domain: None,
            docker: crate::environment::DockerVariables::default(),
            kind: crate::environment::KindVariables::default(),
            helm_variables: Vec::new(),
            git_variables: Vec::new(),
            runtime_dir: None,
            temporary: PathBuf::from("/nonexistent"),
            home: None,
            test_kubeconfig: None,
            test_gitea: None,
        };
        Self::new(&flags, environment, reporter).expect("nothing is read")
    }

    /// The same call with a state directory of its own, beside those of the
    /// profiles. `name` is one that no profile can have.
    pub fn apart(&self, name: &str) -> Self {
        let choice = ProfileChoice { name: name.to_owned(), source: self.choice.source };
        Self { choice, turn: Arc::default(), ..self.again() }
    }

    /// The same call with more overrides, which win over those it has.
    pub fn overriding(&self, overrides: impl IntoIterator<Item = String>) -> Self {
        let overrides = self.overrides.iter().cloned().chain(overrides).collect();
        Self { overrides, ..self.again() }
    }

    /// The same call for a router with this sandbox, if one is asked for.
    pub fn serving(&self, sandbox: Option<SandboxRequest>) -> Self {
        Self { sandbox: sandbox.or_else(|| self.sandbox.clone()), ..self.again() }
    }

    /// The same call on the router as it was launched: with the overrides of
    /// the launch under its own, and, unless it names a cluster, that of the launch.
    pub fn resuming(&self, launch: &Launch) -> Self {
        // What is said again does not add to what is kept.
        let before = launch.overrides.iter().filter(|it| !self.overrides.contains(it));
        let overrides = before.chain(&self.overrides).cloned().collect();
        let cluster = self.cluster.resuming(launch);
        let sandbox = self.sandbox.clone().or_else(|| launch.sandbox.clone());
        Self { overrides, cluster, sandbox, ..self.again() }
    }

    /// The call that launched the router, made again.
    pub fn relaunching(&self, launch: &Launch) -> Self {
        let Launch { overrides, sandbox, .. } = launch.clone();
        Self { overrides, cluster: self.cluster.relaunching(launch), sandbox, ..self.again() }
    }

    /// The same call from its beginning: the profile is read anew.
    pub fn again(&self) -> Self {
        Self {
            environment: self.environment.clone(),
            interrupt: self.interrupt.clone(),
            reporter: self.reporter.clone(),
            choice: self.choice.clone(),
            overrides: self.overrides.clone(),
            cluster: self.cluster.again(),
            sandbox: self.sandbox.clone(),
            profile: OnceLock::new(),
            turn: Arc::clone(&self.turn),
            ..*self
        }
    }

    /// The sandbox that the router shall have.
    pub fn sandbox(&self) -> Option<&SandboxRequest> {
        self.sandbox.as_ref()
    }

    /// How the cluster is found: as was said, else by the profile's own
    /// kubeconfig for as long as there is one, else by the user's.
    pub fn access(&self) -> &Access {
        self.cluster.access(self.own_kubeconfig())
    }

    /// How the profile's own cluster is found, whatever was said.
    pub fn own_access(&self) -> Access {
        self.cluster.by(self.own_kubeconfig())
    }

    /// The kubeconfig of the profile's own cluster; it is there as long as that is.
    pub fn own_kubeconfig(&self) -> PathBuf {
        self.state_dir().join("kubeconfig")
    }

    /// Whether the cluster was named in so many words.
    pub fn names_cluster(&self) -> bool {
        self.cluster.is_named()
    }

    /// What the profile's keys are overridden with, as typed.
    pub fn overrides(&self) -> &[String] {
        &self.overrides
    }

    /// The chosen profile, read and checked at the first call.
    pub fn profile(&self) -> anyhow::Result<&Profile> {
        if let Some(profile) = self.profile.get() {
            return Ok(profile);
        }
        let profile = Profile::load(self.root(), &self.choice.name, &self.overrides)?;
        Ok(self.profile.get_or_init(|| profile))
    }

    /// Runs I/O to its end, unless the deadline passes or the user interrupts;
    /// `what` is said to have been waited for.
    ///
    /// A look-up of a name, or a wait for a credentials plug-in that kube runs,
    /// is left behind: its thread ends with us, the plug-in itself may live on.
    pub fn block_on<T>(
        &self,
        deadline: Instant,
        what: &str,
        io: impl Future<Output = T>,
    ) -> anyhow::Result<T> {
        let mut interrupt = self.interrupt.listen();
        let io = async {
            tokio::select! {
                done = io => Ok(done),
                _ = interrupt.recv() => Err(Failure::interrupted("interrupted").into()),
            }
        };
        run_until(deadline, what, io)?
    }

    /// The workspace.
    pub fn root(&self) -> &Path {
        &self.environment.root
    }

    /// A path as the user can type it: relative when the workspace is the
    /// current folder, else absolute.
    pub fn shown(&self, path: &Path) -> String {
        let at_root = std::env::current_dir().is_ok_and(|current| current == self.root());
        let relative = path.strip_prefix(self.root()).ok().filter(|_| at_root);
        relative.unwrap_or(path).display().to_string()
    }

    /// Where this workspace keeps the state of all profiles.
    pub fn state_root(&self) -> PathBuf {
        self.environment.state_root()
    }

    /// Where this workspace keeps the profile's sockets, logs and keys.
    pub fn state_dir(&self) -> PathBuf {
        self.state_root().join(&self.choice.name)
    }
}
