//! `profiles/*.toml`, read and checked: what is brought up, under which names.

mod backend;
mod bind;
mod entrance;
mod gitea;
mod hosts;
pub mod kind;
mod kubernetes;
mod metallb;
mod node_ports;
mod object;
mod plugin;
mod problems;
mod read;
mod router;
mod routes;
mod sandbox;
mod section;
mod source;
mod tarball;
#[cfg(test)]
mod tests;
mod version;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use routing::{Backend, HostName, HostPattern, RoutingTable};
use serde::Serialize;

pub use bind::{Bind, own_addresses};
pub use entrance::Entrance;
pub use gitea::{AccountProfile, ForgeEngine, GiteaProfile, GiteaServer, ReleaseLimits, RepositoryRef};
pub use hosts::HostList;
pub use kind::KindProfile;
pub use kubernetes::Kubernetes;
pub use metallb::{MetallbProfile, PoolProfile};
pub use node_ports::NodePorts;
pub use object::ServiceRef;
pub use router::{Engine, LogLevel, Network, RouterProfile, TraefikProfile};
pub use routes::RouteProfile;
pub use sandbox::{Plugins, SandboxProfile, labels_under};
pub use tarball::{TarballProfile, Variant, repository};
pub use version::{Version, Versions};

use self::hosts::HostEntry;
use self::problems::Problems;
use self::section::Section;
use self::source::Source;
use crate::failure::Failure;
use crate::near::{did_you_mean, quoted};

/// Where profiles live, below the root of the workspace.
const FOLDER: &str = "profiles";

/// A kind of installation. Holds only what has been checked.
#[derive(Clone, Debug, Serialize)]
pub struct Profile {
    /// The name of its file.
    pub name: String,
    /// The domain that host names end in.
    pub domain: HostName,
    /// What runs the services.
    pub kubernetes: Kubernetes,
    /// Whether services are to be reached on ports of the nodes; there exactly
    /// if there is a cluster.
    pub node_ports: Option<NodePorts>,
    /// Namespaces of the cluster that are made before all else.
    pub namespaces: Vec<String>,
    /// There exactly if kind makes the cluster.
    pub kind: Option<KindProfile>,
    /// There if this program installs it.
    pub metallb: Option<MetallbProfile>,
    /// The Git server that releases are seeded to.
    pub gitea: Option<GiteaProfile>,
    /// Where release tarballs are published.
    pub tarball: Option<TarballProfile>,
    /// What takes the connections from outside.
    pub entrance: Entrance,
    /// There exactly if the entrance is the router.
    pub router: Option<RouterProfile>,
    /// There if a route takes `@hosts`.
    pub host_list: Option<HostList>,
    /// There if it can be served under an external domain.
    pub sandbox: Option<SandboxProfile>,
    /// Together they make a [`RoutingTable`].
    pub routes: Vec<RouteProfile>,
}

impl Profile {
    /// Reads the profile `name` of the workspace at `root`, with `overrides`
    /// of the form `key=value`; a route is addressed by its name, as in
    /// `route.argo.priority=30`. Everything wrong is told in one failure.
    pub fn load(root: &Path, name: &str, overrides: &[String]) -> anyhow::Result<Self> {
        let names = Self::names(root)?;
        if !names.iter().any(|other| other == name) {
            let known = || names.iter().map(String::as_str);
            let message = format!("there is no profile `{name}`{}", did_you_mean(name, known()));
            return Err(Failure::usage(message).help(format!("choose one of {}", quoted(known()))).into());
        }
        let path = format!("{FOLDER}/{name}.toml");
        let text = fs::read_to_string(root.join(&path)).with_context(|| format!("cannot read `{path}`"))?;
        Ok(Self::parse(name, path, text, overrides)?)
    }

    fn parse(name: &str, path: String, text: String, overrides: &[String]) -> Result<Self, Failure> {
        let source = Source::new(path, text, overrides);
        let problems = Problems::new(&source);
        let tree = source.tree(&problems);
        let profile = tree.and_then(|tree| read::profile(Section::root(tree, &problems), name));
        problems.into_result(name, profile)
    }

    /// The names of the profiles there are, sorted.
    pub fn names(root: &Path) -> anyhow::Result<Vec<String>> {
        let folder = root.join(FOLDER);
        let unreadable = || Failure::missing(format!("cannot read the folder `{}`", folder.display()));
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).with_context(unreadable)? {
            let path = entry.with_context(unreadable)?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if let Some(stem) = stem.filter(|_| path.extension().is_some_and(|it| it == "toml")) {
                names.push(stem.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The router of the profile; a usage failure if something else is the entrance.
    pub fn router(&self) -> Result<&RouterProfile, Failure> {
        self.router.as_ref().ok_or_else(|| {
            let (name, entrance) = (&self.name, self.entrance.describe());
            Failure::usage(format!("profile `{name}` has no router: its entrance is {entrance}")).help(
                format!(
                    "see its addresses with `cargo xtask router status --profile {name}`, \
                     or choose a profile that has a router: `--profile local` or `--profile coder`"
                ),
            )
        })
    }

    /// The cluster that kind makes; a usage failure if it is another, or none.
    pub fn kind(&self) -> Result<&KindProfile, Failure> {
        self.kind.as_ref().ok_or_else(|| {
            let message = format!("profile `{}` has no cluster that kind makes", self.name);
            Failure::usage(message).help("choose one that has: `--profile coder`")
        })
    }

    /// How MetalLB is installed; a usage failure if it is not, or not by us.
    pub fn metallb(&self) -> Result<&MetallbProfile, Failure> {
        self.metallb.as_ref().ok_or_else(|| {
            let message = format!("profile `{}` does not say how MetalLB is installed", self.name);
            Failure::usage(message).help("choose one that does: `--profile coder`")
        })
    }

    /// The Git server; a usage failure if the profile names none.
    pub fn gitea(&self) -> Result<&GiteaProfile, Failure> {
        self.gitea.as_ref().ok_or_else(|| {
            let message = format!("profile `{}` has no table `[gitea]`", self.name);
            Failure::usage(message).help("choose a profile that names a Git server: `--profile local`")
        })
    }

    /// Where release tarballs are published; a usage failure if the profile does not say.
    pub fn tarball(&self) -> Result<&TarballProfile, Failure> {
        self.tarball.as_ref().ok_or_else(|| {
            let message = format!("profile `{}` has no table `[tarball]`", self.name);
            Failure::usage(message).help("choose a profile that has one: `--profile local`")
        })
    }

    /// The route `name`; if there is none, a usage failure that names the near one.
    pub fn route(&self, name: &str) -> Result<&RouteProfile, Failure> {
        let names = || self.routes.iter().map(|route| route.name.as_str());
        self.routes.iter().find(|route| route.name == name).ok_or_else(|| {
            let near = did_you_mean(name, names());
            let message = format!("profile `{}` has no route `{name}`{near}", self.name);
            Failure::usage(message).help(format!("choose one of {}", quoted(names())))
        })
    }

    /// What `@hosts` stands for as long as nothing else is known.
    pub fn listed_hosts(&self) -> &[HostPattern] {
        self.host_list.as_ref().map_or(&[], |list| &list.hosts)
    }

    /// What `@hosts` stood for when this table was made; `None` if no route
    /// that takes it is there.
    pub fn listed_in(&self, table: &RoutingTable) -> Option<Vec<HostPattern>> {
        let takes = |route: &&RouteProfile| route.hosts.contains(&HostEntry::HostList);
        let profile = self.routes.iter().find(takes)?;
        let route = table.routes().iter().find(|route| route.name == profile.name)?;
        let own = |host: &HostPattern| profile.hosts.contains(&HostEntry::Pattern(host.clone()));
        Some(route.hosts.iter().filter(|host| !own(host)).cloned().collect())
    }

    /// The routes with `listed` for `@hosts` and the backends by route name;
    /// a route without one stays without.
    pub fn table(
        &self,
        listed: &[HostPattern],
        backends: &BTreeMap<String, Backend>,
    ) -> anyhow::Result<RoutingTable> {
        for name in backends.keys() {
            self.route(name)?;
        }
        let route = |route: &RouteProfile| route.route(listed, backends.get(&route.name).copied());
        let routes = self.routes.iter().map(route).collect();
        RoutingTable::new(routes).with_context(|| format!("the routes of profile `{}` clash", self.name))
    }
}
