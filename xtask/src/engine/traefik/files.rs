//! The files that the container is made of: rendered, compared and written.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use routing::RoutingTable;
use serde::Serialize;

use crate::context::Context;
use crate::discovery;
use crate::engine;
use crate::failure::Failure;
use crate::profile::TraefikProfile;
use crate::render;
use crate::replace::replace_public;
use crate::sandbox::{Sandbox, Scheme};
use crate::state::{digest, id_of};

/// Name of the Compose project's file.
pub const COMPOSE: &str = "docker-compose.yml";
/// The file of routes, in the folder that Traefik watches.
const ROUTES: &str = "dynamic/routes.yml";
/// The first line: whether what follows is as it was written.
const DIGEST: &str = "# digest: ";
/// The container's root reads them without the right to read everything.
const READABLE: u32 = 0o055;

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

/// A file below the workspace, as it shall be.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    /// Relative to the workspace.
    pub path: PathBuf,
    /// With the line of its digest.
    pub content: String,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was so.
    Already,
    /// It is so now.
    Now,
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

impl File {
    fn new(path: PathBuf, content: &str) -> Self {
        let digest = digest(content.as_bytes());
        Self { path, content: format!("{DIGEST}{digest:016x}\n{content}") }
    }

    /// Whether it is there as it shall be.
    pub fn is_written(&self, cx: &Context) -> bool {
        fs::read(cx.root().join(&self.path)).is_ok_and(|there| there == self.content.as_bytes())
    }

    /// Writes it unless it is there. One that was edited is kept as `.bak`.
    pub fn write(&self, cx: &Context) -> anyhow::Result<Written> {
        let path = cx.root().join(&self.path);
        let there = match fs::read(&path) {
            Ok(there) if there == self.content.as_bytes() => return Ok(Written::Already),
            Ok(there) => Some(there),
            Err(_) => None,
        };
        self.make_folders(cx.root())?;
        if let Some(there) = there.filter(|there| !is_as_written(there)) {
            let kept = path.with_added_extension("bak");
            replace_public(&kept, &there)?;
            let (path, kept) = (cx.shown(&path), cx.shown(&kept));
            cx.reporter.warn(&format!("`{path}` was edited by hand; it is kept as `{kept}`"));
        }
        replace_public(&path, self.content.as_bytes())?;
        Ok(Written::Now)
    }

    /// Everybody may look into them, whatever the umask.
    fn make_folders(&self, root: &Path) -> anyhow::Result<()> {
        let Some(folder) = self.path.parent() else { return Ok(()) };
        let mut made = root.to_owned();
        for component in folder.components() {
            made.push(component);
            make_folder(&made).with_context(|| {
                Failure::missing(format!("cannot create the folder `{}`", made.display()))
                    .help("make the workspace writable and see that its disk is not full")
            })?;
        }
        Ok(())
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let metadata = fs::metadata(folder)?;
    if !metadata.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    let mode = metadata.permissions().mode();
    if mode & READABLE == READABLE {
        return Ok(());
    }
    fs::set_permissions(folder, Permissions::from_mode(mode | READABLE))
}

/// Whether its first line is the digest of the others.
fn is_as_written(content: &[u8]) -> bool {
    let parts = std::str::from_utf8(content).ok().and_then(|text| text.split_once('\n'));
    let Some((first, others)) = parts else { return false };
    first.strip_prefix(DIGEST) == Some(&format!("{:016x}", digest(others.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edited_file_is_known() {
        let file = File::new("x".into(), "a: 1\nb: 2\n");
        assert!(is_as_written(file.content.as_bytes()));
        for edited in [
            file.content.replace("a: 1", "a: 2"),
            file.content.replace("# digest", "# Digest"),
            file.content.clone() + "\n",
            String::new(),
            "a: 1\nb: 2\n".to_owned(),
        ] {
            assert!(!is_as_written(edited.as_bytes()), "{edited}");
        }
        assert!(!is_as_written(b"\xff\n"));
    }

    #[test]
    fn folders_can_be_read_by_all() {
        let root = tempfile::tempdir().unwrap();
        let closed = root.path().join("a");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
        File::new("a/b/c".into(), "").make_folders(root.path()).unwrap();
        for folder in [&closed, &closed.join("b")] {
            assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o755);
        }
    }
}
