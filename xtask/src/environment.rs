//! The only place that reads the environment.
#![expect(clippy::disallowed_methods, reason = "this is the room where the environment is read")]

use std::env;
use std::path::{Path, PathBuf};

use cluster::Proxies;

/// Everything that the program takes from its environment, read once.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a variable of its own")]
pub struct Environment {
    /// The workspace, or what stands for it where the program is installed: the
    /// folder that holds `profiles/`.
    pub root: PathBuf,
    /// `XTASK_STATE_DIR`, when set and not empty: where the state of all
    /// profiles is, in place of `.xtask` in the workspace.
    pub state_dir: Option<PathBuf>,
    /// `XTASK_PROFILE`, when set and not empty.
    pub profile: Option<String>,
    /// `CI` is `true`: what is missing is installed, and nothing may be skipped.
    pub ci: bool,
    /// `GITHUB_ACTIONS` is `true`: its log understands groups.
    pub github_actions: bool,
    /// The files that make up the kubeconfig: `KUBECONFIG`, else `~/.kube/config`.
    pub kubeconfig: Vec<PathBuf>,
    /// This process runs in a pod.
    pub in_cluster: bool,
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, or in small letters.
    pub proxies: Proxies,
    /// `SKIP_ROUTER` is set, and not to `0`, `false` or `no`: the router is neither started nor stopped.
    pub skip_router: bool,
    /// `ORCH_DOMAIN`, when set and not empty: the domain in place of the profile's.
    pub domain: Option<String>,
    /// How Docker is found.
    pub docker: DockerVariables,
    /// What the program `kind` is told by its user.
    pub kind: KindVariables,
    /// Names of the variables that lead Helm to a cluster: `HELM_KUBETOKEN` and the like.
    pub helm_variables: Vec<String>,
    /// Names of the variables that lead Git to a repository, or change what it does: `GIT_DIR` and the like.
    pub git_variables: Vec<String>,
    /// Where sockets go whose path would be too long; a folder of this user alone.
    pub runtime_dir: Option<PathBuf>,
    /// `TMPDIR`, else the system's own: where a file goes that has no name.
    pub temporary: PathBuf,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// `XTASK_TEST_KUBECONFIG`: a cluster that tests may use.
    pub test_kubeconfig: Option<PathBuf>,
    /// `XTASK_TEST_GITEA_URL`, when set and not empty: a Gitea that tests may
    /// use. They read `XTASK_TEST_GITEA_CA` and `XTASK_TEST_GITEA_TOKEN_FILE`,
    /// files with the certificate to trust and an administrator's token.
    pub test_gitea: Option<String>,
}

/// What the program `kind` reads, and we rely on.
#[derive(Clone, Debug, Default)]
pub struct KindVariables {
    /// `KIND_EXPERIMENTAL_PROVIDER`, when set and not empty: what runs the nodes.
    pub provider: Option<String>,
    /// `KIND_EXPERIMENTAL_DOCKER_NETWORK`, when set and not empty: the nodes' network.
    pub network: Option<String>,
}

/// What Docker's own client reads to find its daemon.
#[derive(Clone, Debug, Default)]
pub struct DockerVariables {
    /// `DOCKER_HOST`, when set and not empty.
    pub host: Option<String>,
    /// `DOCKER_CONTEXT`, when set and not empty.
    pub context: Option<String>,
    /// The client's configuration: in `DOCKER_CONFIG`, else in `~/.docker`.
    pub config: Option<PathBuf>,
}

impl Environment {
    /// Reads the process environment.
    pub fn read() -> Self {
        let is_true = |name| env::var_os(name).is_some_and(|value| value == "true" || value == "1");
        Self {
            root: workspace_root(),
            state_dir: folder("XTASK_STATE_DIR"),
            profile: text("XTASK_PROFILE"),
            ci: is_true("CI"),
            github_actions: is_true("GITHUB_ACTIONS"),
            kubeconfig: kubeconfig(),
            temporary: env::temp_dir(),
            home: env::home_dir(),
            in_cluster: env::var_os("KUBERNETES_SERVICE_HOST").is_some(),
            proxies: proxies(),
            skip_router: text("SKIP_ROUTER")
                .is_some_and(|value| !["0", "false", "no"].contains(&value.as_str())),
            domain: text("ORCH_DOMAIN"),
            docker: DockerVariables {
                host: text("DOCKER_HOST"),
                context: text("DOCKER_CONTEXT"),
                config: text("DOCKER_CONFIG")
                    .map(PathBuf::from)
                    .or_else(|| Some(env::home_dir()?.join(".docker")))
                    .map(|folder| folder.join("config.json")),
            },
            kind: KindVariables {
                provider: text("KIND_EXPERIMENTAL_PROVIDER"),
                network: text("KIND_EXPERIMENTAL_DOCKER_NETWORK"),
            },
            helm_variables: names(|name| name.starts_with("HELM_KUBE")),
            git_variables: names(|name| name.starts_with("GIT_")),
            test_kubeconfig: env::var_os("XTASK_TEST_KUBECONFIG")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            test_gitea: text("XTASK_TEST_GITEA_URL"),
            runtime_dir: env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute()),
        }
    }

    /// Where the state of all profiles is.
    pub fn state_root(&self) -> PathBuf {
        self.state_dir.clone().unwrap_or_else(|| self.root.join(".xtask"))
    }
}

/// The folder that the variable names, when set and not empty; a relative one
/// is under the current folder.
fn folder(name: &str) -> Option<PathBuf> {
    let path = env::var_os(name).filter(|path| !path.is_empty()).map(PathBuf::from)?;
    Some(std::path::absolute(&path).unwrap_or(path))
}

/// As kubectl looks for it: several files in `KUBECONFIG` are merged.
fn kubeconfig() -> Vec<PathBuf> {
    match env::var_os("KUBECONFIG").filter(|value| !value.is_empty()) {
        Some(files) => env::split_paths(&files).filter(|file| !file.as_os_str().is_empty()).collect(),
        None => env::home_dir().map(|home| home.join(".kube/config")).into_iter().collect(),
    }
}

/// As kubectl looks for them: of a variable in capitals and one in small
/// letters, the first that is set and not empty counts.
fn proxies() -> Proxies {
    let either = |capitals, small| text(capitals).or_else(|| text(small)).unwrap_or_default();
    Proxies {
        https: either("HTTPS_PROXY", "https_proxy"),
        http: either("HTTP_PROXY", "http_proxy"),
        all: either("ALL_PROXY", "all_proxy"),
        no: either("NO_PROXY", "no_proxy"),
    }
}

/// The variable, when set and not empty.
fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Cargo names the package's folder when it runs the program. A binary started
/// otherwise takes `XTASK_ROOT`, else the workspace around the current folder,
/// else the one that it was built in.
fn workspace_root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    if let Some(root) = package.as_deref().filter(|dir| dir.ends_with("xtask")).and_then(Path::parent) {
        return root.to_path_buf();
    }
    if let Some(root) = folder("XTASK_ROOT") {
        return root;
    }
    let current = env::current_dir().unwrap_or_default();
    let is_workspace = |dir: &&Path| dir.join("profiles").is_dir() && dir.join("xtask/Cargo.toml").is_file();
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    current.ancestors().find(is_workspace).or_else(|| built.parent()).unwrap_or(built).to_path_buf()
}

/// Names of variables that Cargo sets for the programs it runs. They must not
/// reach a nested Cargo, which would rebuild everything because of them.
pub fn cargo_variables() -> Vec<String> {
    names(|name| {
        let own = ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO", "OUT_DIR", "RUST_RECURSION_COUNT"];
        own.contains(&name)
            || name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_BIN_")
            || name.starts_with("CARGO_CRATE_")
            || name.starts_with("CARGO_PRIMARY_")
    })
}

/// The names of those variables that are set.
fn names(is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(|name| is_wanted(name)).collect()
}
