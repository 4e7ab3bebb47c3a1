//! A workspace of its own for each test, whose platform ends with it.

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::{env, fs, process};

use serde_json::Value;

use crate::api::Api;
use crate::bed;
use crate::client::Client;
use crate::docker;
use crate::processes;
use crate::support::{Call, Checkout};

/// Hosts of the profile, and what answers for them when all is made of samples.
pub const SAMPLES: [(&str, &str); 4] = [
    ("argo.kind.internal", "argo: stand-in for argocd/argocd-server\n"),
    ("gitea.kind.internal", "gitea: stand-in for gitea/gitea-http\n"),
    ("web-ui.kind.internal", "orchestrator: stand-in for orch-gateway/traefik\n"),
    ("boots.kind.internal", "boots: stand-in for orch-boots/ingress-haproxy-kubernetes-ingress\n"),
];
/// What answers on the raw port then.
pub const EDGE: &str = "edge: stand-in for orch-gateway/traefik\n";
/// Of the workspaces of one process, the next.
static NEXT: AtomicU16 = AtomicU16::new(1);
/// A checkout with the profile `coder`, whose router has an address of its own.
pub struct Workspace {
    /// Its files; the home and the temporary files of the programs are among them.
    pub checkout: Checkout,
    /// Where the router listens.
    pub https: SocketAddr,
    /// Where it listens for what is no web page.
    pub raw: SocketAddr,
    api: SocketAddr,
    /// The Docker that it uses, if not that of the environment.
    docker: Option<String>,
}

impl Workspace {
    /// With nothing made yet.
    pub fn new() -> Self {
        Self::beside(None)
    }

    /// The same in the Docker that listens there.
    pub fn in_docker(host: &str) -> Self {
        Self::beside(Some(host.to_owned()))
    }

    fn beside(docker: Option<String>) -> Self {
        let checkout = Checkout::new();
        let plugins = checkout.root().join("home/.docker/cli-plugins");
        for folder in [&plugins, &checkout.root().join("tmp")] {
            fs::create_dir_all(folder).unwrap();
        }
        symlink(bed::variable("XTASK_TEST_COMPOSE_V2"), plugins.join("docker-compose")).unwrap();
        let [high, low, ..] = process::id().to_le_bytes();
        let number = u8::try_from(NEXT.fetch_add(1, Ordering::Relaxed)).unwrap();
        let ip = Ipv4Addr::new(127, 64 | (high & 0x3f), low, number);
        let [https, raw] = [bed::free_port(ip), bed::free_port(ip)];
        Self { checkout, https, raw, api: bed::free_port(Ipv4Addr::LOCALHOST), docker }
    }

    /// Its root folder.
    pub fn root(&self) -> &Path {
        self.checkout.root()
    }

    /// A file in the state directory.
    pub fn state(&self, name: &str) -> PathBuf {
        self.root().join(".xtask/coder").join(name)
    }

    /// A call as after `cargo xtask`, with the settings of this workspace.
    pub fn call(&self, args: &[&str]) -> Call {
        let settings = [
            format!("kind.node_image={}", bed::image()),
            format!("metallb.version={}", bed::chart_version()),
            format!("router.bind={}", self.https.ip()),
            format!("router.ports={{https={},raw={}}}", self.https.port(), self.raw.port()),
            format!("router.api_port={}", self.api.port()),
        ];
        let settings = settings.iter().flat_map(|setting| ["--set", setting]);
        // What is set last wins.
        let args: Vec<&str> =
            ["--profile", "coder"].into_iter().chain(settings).chain(args.iter().copied()).collect();
        let call = self.checkout.xtask(args).env("PATH", bed::path());
        let call = call.env("HOME", self.home()).env("TMPDIR", self.root().join("tmp"));
        match self
            .docker
            .as_deref()
            .map(OsStr::new)
            .map(ToOwned::to_owned)
            .or_else(|| env::var_os("DOCKER_HOST"))
        {
            Some(host) => call.env("DOCKER_HOST", host),
            None => call,
        }
    }

    /// `up` with a chart that need not be downloaded; more `args` may follow.
    pub fn up(&self, args: &[&str]) -> Call {
        let chart = bed::chart();
        self.call(&[&["up", "--chart", chart.to_str().unwrap()], args].concat())
    }

    /// The answer in JSON of a call that must succeed.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        self.call(&[args, &["--format", "json"]].concat()).run().exits(0).json()
    }

    /// The same of `up`.
    #[track_caller]
    pub fn up_json(&self, args: &[&str]) -> Value {
        self.up(&[args, &["--format", "json"]].concat()).run().exits(0).json()
    }

    /// What Docker's client prints.
    #[track_caller]
    pub fn docker(&self, args: &[&str]) -> String {
        let host = self.docker.iter().flat_map(|host| ["--host", host]);
        docker::docker(host.chain(args.iter().copied()))
    }

    /// The name of the cluster, of the router's container, and of its project.
    pub fn cluster(&self) -> String {
        format!("xtask-coder-{}", self.id())
    }

    /// The id of the workspace.
    pub fn id(&self) -> String {
        format!("{:016x}", hash(self.root()))
    }

    /// The container of the control plane.
    pub fn node(&self) -> String {
        format!("{}-control-plane", self.cluster())
    }

    /// Where the user's own things are.
    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// A client of the cluster's API.
    pub fn kubernetes(&self) -> Api {
        Api::of(&fs::read_to_string(self.state("kubeconfig")).unwrap())
    }

    /// A client that believes the samples.
    pub fn client(&self) -> Client {
        Client::trusting(&self.state("ca.pem"))
    }

    /// All containers, running or not, by name.
    pub fn containers(&self) -> Vec<String> {
        let filter = format!("name={}", self.cluster());
        let mut names: Vec<_> = self
            .docker(&["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"])
            .lines()
            .map(str::to_owned)
            .collect();
        names.sort_unstable();
        names
    }

    /// What of a container changes when it is made anew, or started again.
    pub fn life(&self, container: &str) -> String {
        self.docker(&["inspect", "--format", "{{.Id}} {{.State.Status}} {{.State.StartedAt}}", container])
    }

    /// The lives of all containers.
    pub fn lives(&self) -> Vec<String> {
        self.containers().iter().map(|name| self.life(name)).collect()
    }

    /// The volumes that the containers have.
    pub fn volumes(&self) -> Vec<String> {
        let format = "{{range .Mounts}}{{if .Name}}{{println .Name}}{{end}}{{end}}";
        let containers = self.containers();
        let of = |name: &String| self.docker(&["inspect", "--format", format, name]);
        containers.iter().map(of).collect::<String>().lines().map(str::to_owned).collect()
    }

    /// All processes that a call has started, and which still run.
    pub fn processes(&self) -> Vec<u32> {
        processes::at_home(&self.home())
    }

    /// Asserts that a client reaches all samples through the router.
    #[track_caller]
    pub fn assert_routes(&self) {
        let client = self.client();
        for (host, page) in SAMPLES {
            assert_eq!(client.get(self.https, host), page, "{host}");
        }
        assert_eq!(client.get(self.raw, "edge.kind.internal"), EDGE);
    }

    /// Asserts that nothing is left in Docker, nor of processes, nor in the
    /// state directory and the folder of temporary files.
    #[track_caller]
    pub fn assert_gone(&self) {
        assert_eq!(self.containers(), [""; 0]);
        let label = format!("label=dev.xtask.workspace={}", self.id());
        let project = format!("label=com.docker.compose.project={}", self.cluster());
        for kind in ["container", "volume", "network"] {
            for filter in [&label, &project] {
                assert_eq!(self.docker(&[kind, "ls", "--quiet", "--filter", filter]), "");
            }
        }
        assert_eq!(self.processes(), [0; 0]);
        for folder in [".xtask", "tmp"] {
            let left: Vec<_> =
                fs::read_dir(self.root().join(folder)).unwrap().map(|it| it.unwrap().path()).collect();
            assert!(left.is_empty(), "{left:?}");
        }
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.processes().into_iter().for_each(processes::kill);
        let host: Vec<&str> = self.docker.iter().flat_map(|host| ["--host", host]).collect();
        let containers = self.containers();
        let names = containers.iter().map(String::as_str);
        let remove: Vec<&str> = host.into_iter().chain(["rm", "--force", "--volumes"]).chain(names).collect();
        if !containers.is_empty() {
            docker::remove(&remove);
        }
    }
}

/// FNV-1a of the path, as the program tells workspaces apart.
fn hash(path: &Path) -> u64 {
    let bytes = path.as_os_str().as_bytes().iter();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
