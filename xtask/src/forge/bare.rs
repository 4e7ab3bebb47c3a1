//! Bare repositories in the state directory.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use git_seed::Remote;

use super::leftovers::{NEW, sweep};
use super::local::Local;
use super::{Forge, ForgeStatus, Server};
use crate::context::Context;
use crate::daemon::Daemon;
use crate::failure::Failure;
use crate::git::git;
use crate::profile::GiteaProfile;
use crate::stand_in::roles;
use crate::state::{StateDir, make_private};

/// What a repository of ours is set to. Nobody rewrites or deletes what is
/// there; Git's own client checks objects no less than we do; a repository is
/// never tidied up behind our back; and whoever reads it can leave contents out.
const SETTINGS: [(&str, &str); 7] = [
    ("receive.fsckObjects", "true"),
    ("receive.denyNonFastForwards", "true"),
    ("receive.denyDeletes", "true"),
    ("receive.autogc", "false"),
    // A pack stays a pack.
    ("receive.unpackLimit", "1"),
    ("uploadpack.allowFilter", "true"),
    ("http.receivepack", "false"),
];

/// Bare repositories in the state directory.
pub struct Bare<'a> {
    cx: &'a Context,
    profile: &'a GiteaProfile,
}

impl<'a> Bare<'a> {
    /// Those of the chosen profile.
    pub fn of(cx: &'a Context) -> anyhow::Result<Self> {
        Ok(Self { cx, profile: cx.profile()?.gitea()? })
    }

    /// The folder of all repositories.
    pub fn folder(cx: &Context) -> PathBuf {
        StateDir::of(cx).file("repositories")
    }

    /// The profile's repository.
    pub fn path(&self) -> PathBuf {
        let repository = &self.profile.repository;
        Self::folder(self.cx).join(&repository.owner).join(format!("{}.git", repository.name))
    }

    /// Name of the daemon that serves them, of the routes' first that leads here.
    fn daemon(&self) -> anyhow::Result<String> {
        let roles = roles(self.cx.profile()?);
        let role = roles.into_iter().find(|role| self.profile.stands_for(&role.service));
        role.map(|role| role.name).context("no route leads to the Git server")
    }

    /// Makes it in full beside its place, then moves it there: half of one is
    /// never seen.
    fn make(&self, path: &Path) -> anyhow::Result<bool> {
        let owner = path.parent().context("a repository has a folder")?;
        StateDir::of(self.cx).create()?;
        make_private(owner, "run as the user who made it, or remove it as that user")?;
        let new = tempfile::Builder::new().prefix(NEW).tempdir_in(owner);
        let new = new.with_context(|| format!("cannot make a folder in `{}`", owner.display()))?;
        let branch = format!("--initial-branch={}", self.profile.branch);
        // Its user's alone, whatever the umask says.
        let options = ["--quiet", "--bare", "--template=", "--shared=0600", &branch];
        let init = git(self.cx).args(["init"]).args(options).args(["--"]);
        let (made, said) = init.args([new.path()]).capture(self.cx)?;
        if !made {
            let failure = Failure::missing(format!("Git cannot make `{}`", self.cx.shown(path)));
            let failure = failure.help("make its folder writable and see that its disk is not full");
            return Err(anyhow::anyhow!(said.trim().to_owned()).context(failure));
        }
        let config = SETTINGS.iter().map(|(key, value)| {
            let (section, key) = key.split_once('.').unwrap_or((key, ""));
            format!("[{section}]\n\t{key} = {value}\n")
        });
        let file = new.path().join("config");
        let whole = fs::read_to_string(&file).map(|before| before + &config.collect::<String>());
        whole
            .and_then(|whole| fs::write(&file, whole))
            .with_context(|| format!("cannot write `{}`", file.display()))?;
        match fs::rename(new.path(), path) {
            Ok(()) => {
                // It is where it belongs; there is nothing to take away.
                let _ = new.keep();
                Ok(true)
            }
            // Another call was first.
            Err(error)
                if [ErrorKind::DirectoryNotEmpty, ErrorKind::AlreadyExists].contains(&error.kind()) =>
            {
                Ok(false)
            }
            Err(error) => Err(error).with_context(|| format!("cannot make `{}`", path.display())),
        }
    }
}

impl Forge for Bare<'_> {
    fn describe(&self) -> String {
        format!("`{}`", self.cx.shown(&self.path()))
    }

    fn server(&self) -> anyhow::Result<Server> {
        let serving = Daemon::new(self.cx, &self.daemon()?).status::<ForgeStatus>()?;
        Ok(Server {
            version: git(self.cx).args(["version"]).read(self.cx)?.trim().to_owned(),
            describe: self.describe(),
            url: serving.map(|status| status.service.url(&self.profile.repository)),
            has_repository: self.has_repository()?,
            argo: None,
        })
    }

    fn has_repository(&self) -> anyhow::Result<bool> {
        // What is there may be damaged, or a link that leads nowhere: that is Git's to tell.
        let path = self.path();
        Ok(path.symlink_metadata().is_ok()
            && fs::read_dir(&path).map_or(true, |mut entries| entries.next().is_some()))
    }

    fn prepare(&self) -> anyhow::Result<bool> {
        sweep(&self.path());
        if self.has_repository()? { Ok(false) } else { self.make(&self.path()) }
    }

    fn remote(&self) -> anyhow::Result<Box<dyn Remote + '_>> {
        Ok(Box::new(Local::new(self.cx, self.path())))
    }
}
