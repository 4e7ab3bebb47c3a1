//! Docker with the router's image: the daemon that answers, else one of our
//! own that nothing outlives.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tempfile::TempDir;

use super::image::{self, Sweep};
use super::{PAUSE, Ready, dir, wait_until};
use crate::context::Context;
use crate::part::{self, DOCKERD, IP, UNSHARE, may_install};
use crate::process::{Program, Running};
use crate::report::Reporter;

/// How long Docker may take to say whether it is there.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a daemon's data may take to be free.
const REMOVAL: Duration = Duration::from_secs(5);

/// Docker, and what the router's image is made of.
#[derive(Debug)]
pub struct Docker {
    client: PathBuf,
    traefik: PathBuf,
    /// The daemon's program, where none answers.
    dockerd: Option<PathBuf>,
}

/// Docker as it answers. What tests make in it ends with this.
pub(super) struct Server {
    /// A call of its client.
    pub client: Program,
    daemon: Option<Daemon>,
    /// A daemon of our own takes all with it.
    _sweep: Option<Sweep>,
}

/// A daemon of our own, in the order in which it ends. It is the first process
/// of a namespace: the kernel ends its containers with it.
struct Daemon {
    running: Running,
    _data: Data,
    socket: TempDir,
}

/// The folder of its images and containers.
struct Data {
    path: PathBuf,
    reporter: Reporter,
}

impl Docker {
    /// Looks whether Docker answers, and brings a daemon where it does not and
    /// one may be installed. Else says why not.
    pub fn prepare(cx: &Context, client: &Path, traefik: &Path) -> anyhow::Result<Result<Self, String>> {
        let mut docker = Self { client: client.to_owned(), traefik: traefik.to_owned(), dockerd: None };
        let Err(error) = docker.client().args(["info"]).quietly(PATIENCE) else {
            return Ok(Ok(docker));
        };
        if !(may_install(cx) && rustix::process::geteuid().is_root()) {
            return Ok(Err(format!(
                "Docker does not answer: `systemctl start docker`, or `cargo xtask test --yes docker` as root, \
                 which runs a daemon of its own; {error:#}"
            )));
        }
        let mut found = part::provide(cx, &[&DOCKERD, &UNSHARE, &IP])?.into_iter();
        docker.dockerd = match found.next().context("one was asked for")? {
            Ok(dockerd) => Some(dockerd),
            Err(why) => return Ok(Err(why)),
        };
        Ok(found.find_map(Result::err).map_or(Ok(docker), Err))
    }

    pub(super) fn plan(&self, cx: &Context) -> anyhow::Result<()> {
        if let Some(dockerd) = &self.dockerd {
            cx.reporter.would(&format!("start `{}`", dockerd.display()))?;
        }
        cx.reporter.would(&format!("build `{}` of `{}`", image::NAME, self.traefik.display()))
    }

    pub(super) fn start(&self, cx: &Context, program: Program) -> anyhow::Result<Ready> {
        let server = self.serve(cx)?;
        Ok(Ready { program: server.told(cx, program), _servers: Box::new(server) })
    }

    /// Docker as it answers, with the router's image.
    pub(super) fn serve(&self, cx: &Context) -> anyhow::Result<Server> {
        let (client, daemon) = match &self.dockerd {
            None => (self.client(), None),
            Some(dockerd) => {
                let daemon = Daemon::start(cx, dockerd, &self.client())?;
                (daemon.client(&self.client()), Some(daemon))
            }
        };
        let sweep = daemon.is_none().then(|| Sweep::new(cx, client.clone()));
        image::build(cx, &client, &self.traefik)?;
        Ok(Server { client, daemon, _sweep: sweep })
    }

    /// The client's program.
    pub(super) fn program(&self) -> &Path {
        &self.client
    }

    fn client(&self) -> Program {
        Program::new(&self.client)
    }
}

impl Server {
    /// A call of another client.
    pub fn call(&self, client: &Path) -> Program {
        let client = Program::new(client);
        self.daemon.as_ref().map_or(client.clone(), |daemon| daemon.client(&client))
    }

    /// Tells a call of cargo where it is.
    pub fn told(&self, cx: &Context, cargo: Program) -> Program {
        let cargo = cargo.variable(image::LABEL_VARIABLE, image::label(cx));
        match &self.daemon {
            None => cargo,
            Some(daemon) => daemon.told(cargo),
        }
    }
}

impl Daemon {
    /// Returns when it answers.
    fn start(cx: &Context, dockerd: &Path, client: &Program) -> anyhow::Result<Self> {
        let socket = tempfile::Builder::new().prefix("xtask-docker-").tempdir();
        let socket = socket.context("cannot make a folder for Docker's socket")?;
        let data = Data::new(cx)?;
        let script = cx.root().join("testbed/docker/dockerd.sh");
        let program = Program::new(UNSHARE.name)
            .args([
                "--net",
                "--mount",
                "--propagation=slave",
                "--mount-proc",
                "--pid",
                "--fork",
                "--kill-child",
            ])
            .args(["sh".as_ref(), script.as_path(), dockerd])
            .args([socket.path().join("docker.sock"), data.path.clone()]);
        let log = dir(cx).join("dockerd.log");
        let daemon = Self { running: program.start(cx, &log)?, _data: data, socket };
        let info = daemon.client(client).args(["info"]);
        wait_until(cx, "dockerd", (&daemon.running, &log), || info.quietly(PATIENCE).is_ok())?;
        Ok(daemon)
    }

    fn host(&self) -> String {
        format!("unix://{}", self.socket.path().join("docker.sock").display())
    }

    fn client(&self, client: &Program) -> Program {
        client.clone().variable("DOCKER_HOST", self.host())
    }

    /// Tells a call of cargo where it is: its socket, and that the tests run
    /// in its network, for there are the ports of its containers.
    fn told(&self, cargo: Program) -> Program {
        let network = format!("--net=/proc/{}/ns/net", self.running.pid());
        let runner = format!("target.'cfg(unix)'.runner=['nsenter', '{network}', '--']");
        let program = cargo.args_before(["--config", &runner]);
        program.variable("DOCKER_HOST", self.host()).variable("XTASK_TEST_DOCKER_HOST", self.host())
    }
}

impl Data {
    fn new(cx: &Context) -> anyhow::Result<Self> {
        let data = tempfile::Builder::new().prefix("docker-").tempdir_in(dir(cx));
        let path = data.context("cannot make a folder for Docker's data")?.keep();
        Ok(Self { path, reporter: cx.reporter.clone() })
    }
}

impl Drop for Data {
    /// What had to be killed may take a moment to let go of its files.
    fn drop(&mut self) {
        let deadline = Instant::now() + REMOVAL;
        while let Err(error) = fs::remove_dir_all(&self.path) {
            if Instant::now() > deadline {
                self.reporter.warn(&format!("cannot remove `{}`: {error}", self.path.display()));
                return;
            }
            thread::sleep(PAUSE);
        }
    }
}
