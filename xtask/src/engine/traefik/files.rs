//! The files that the container is made of, rendered.

mod file;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use routing::RoutingTable;

use crate::context::Context;
use crate::discovery;
use crate::engine;
use crate::profile::TraefikProfile;
use crate::render;
use crate::sandbox::{Sandbox, Scheme};
use crate::state::{digest, id_of};

pub use file::{File, Written};

/// Name of the Compose project's file.
pub const COMPOSE: &str = "docker-compose.yml";
/// The file of routes, in the folder that Traefik watches.
const ROUTES: &str = "dynamic/routes.yml";
/// The files of one router.
#[derive(Clone, Debug)]
pub struct Files {
    /// The Compose project.
    pub compose: File,
    /// What Traefik reads at start.
    pub settings: File,
    /// What Traefik watches.
    pub routes: File,
}

/// What needs a restart when it changes.
#[derive(Debug)]
struct Settings {
    compose: String,
    traefik: String,
    digest: u64,
}

/// The folder of the router's files, relative to the workspace.
pub fn folder(profile: &str) -> PathBuf {
    Path::new("compose").join(profile).join("router")
}

/// The file of routes as it stands; none when it is absent.
pub fn routes_in_place(cx: &Context) -> anyhow::Result<Option<String>> {
    let path = cx.root().join(folder(&cx.choice.name)).join(ROUTES);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

impl Files {
    /// The files for `table`; a backend that is the router itself is refused.
    pub fn render(
        cx: &Context,
        traefik: &TraefikProfile,
        table: &RoutingTable,
        sandbox: Option<&Sandbox>,
    ) -> anyhow::Result<Self> {
        let routes = routes(cx, table, sandbox.map(Sandbox::scheme))?;
        let Settings { compose, traefik, .. } = Settings::render(cx, traefik, sandbox)?;
        let file = |name: &str, content: &str| File::new(folder(&cx.choice.name).join(name), content);
        Ok(Self { compose: file(COMPOSE, &compose), settings: file("traefik.yml", &traefik), routes })
    }

    /// All of them.
    pub fn all(&self) -> [&File; 3] {
        [&self.compose, &self.settings, &self.routes]
    }
}

/// The file of routes for `table`; a backend that is the router itself is refused.
pub fn routes(cx: &Context, table: &RoutingTable, sandbox: Option<&Scheme>) -> anyhow::Result<File> {
    let listeners: Vec<_> = engine::wanted_listeners(cx)?.into_values().collect();
    discovery::refuse_loops(table, &listeners)?;
    let path = folder(&cx.choice.name).join(ROUTES);
    Ok(File::new(path, &render::traefik_dynamic(table, sandbox)?))
}

/// Tells the settings, all but the routes, from others; 16 hexadecimal digits.
pub fn settings_digest(
    cx: &Context,
    traefik: &TraefikProfile,
    sandbox: Option<&Sandbox>,
) -> anyhow::Result<String> {
    Ok(format!("{:016x}", Settings::render(cx, traefik, sandbox)?.digest))
}

impl Settings {
    fn render(cx: &Context, traefik: &TraefikProfile, sandbox: Option<&Sandbox>) -> anyhow::Result<Self> {
        let (profile, workspace) = (cx.profile()?, id_of(cx.root()));
        let listeners = engine::wanted_listeners(cx)?;
        let scheme = sandbox.map(Sandbox::scheme);
        let settings = render::traefik_static(traefik, &listeners, scheme)?;
        let compose = |config| render::compose(profile, traefik, &listeners, workspace, scheme, config);
        // The project carries the digest itself.
        let without = compose(0)?;
        let certificate = sandbox.map_or(0, Sandbox::fingerprint);
        let digest = digest(format!("{without}{settings}{certificate}").as_bytes());
        Ok(Self { compose: compose(digest)?, traefik: settings, digest })
    }
}
