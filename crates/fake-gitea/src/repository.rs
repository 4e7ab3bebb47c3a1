//! Repositories: what the API knows of them, and their folders.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::hooks;

/// What Gitea sets in a repository, and what `http-backend` wants to be told.
/// Nothing may run in the background, for the folder goes when a test ends.
const CONFIG: &str = "[core]\n\
                      \trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n\tprotectNTFS = false\n\
                      [gc]\n\tauto = 0\n\
                      [http]\n\treceivepack = true\n\
                      [receive]\n\tadvertisePushOptions = true\n\tautogc = false\n\
                      [uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n";

/// A repository as the API knows it.
#[derive(Clone, Debug)]
pub struct Repository {
    pub id: u64,
    pub owner: String,
    pub name: String,
    pub default_branch: String,
    pub is_private: bool,
    pub is_archived: bool,
    pub is_mirror: bool,
    pub protections: Vec<Protection>,
}

/// A rule on who may push to a branch.
#[derive(Clone, Debug)]
pub struct Protection {
    /// The branch.
    pub rule: String,
    pub may_push: bool,
    /// With `may_push`: these alone, if there is such a list.
    pub pushers: Option<Vec<String>>,
}

impl Protection {
    pub fn allows(&self, user: &str) -> bool {
        let listed = |list: &Vec<String>| list.iter().any(|name| name.eq_ignore_ascii_case(user));
        self.may_push && self.pushers.as_ref().is_none_or(listed)
    }
}

impl Repository {
    pub fn is(&self, owner: &str, name: &str) -> bool {
        self.owner.eq_ignore_ascii_case(owner) && self.name.eq_ignore_ascii_case(name)
    }

    /// Where it is below `root`: in small letters, as Gitea has it.
    pub fn dir(&self, root: &Path) -> PathBuf {
        dir(root, &self.owner, &self.name)
    }
}

/// Where a repository of that name is.
pub fn dir(root: &Path, owner: &str, name: &str) -> PathBuf {
    root.join(owner.to_lowercase()).join(format!("{}.git", name.to_lowercase()))
}

/// Makes an empty bare repository. It takes no process: git asks for no more
/// than these files and folders.
pub fn create(dir: &Path, default_branch: &str) -> io::Result<()> {
    for folder in ["hooks", "info", "objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        fs::create_dir_all(dir.join(folder))?;
    }
    fs::write(dir.join("HEAD"), format!("ref: refs/heads/{default_branch}\n"))?;
    fs::write(dir.join("config"), CONFIG)?;
    hooks::install(&dir.join("hooks/pre-receive"), hooks::PRE_RECEIVE)
}

/// The commit that a branch is at.
pub fn head(dir: &Path, branch: &str) -> Option<String> {
    let name = format!("refs/heads/{branch}");
    if let Ok(id) = fs::read_to_string(dir.join(&name)) {
        return Some(id.trim_end().to_owned());
    }
    let packed = fs::read_to_string(dir.join("packed-refs")).ok()?;
    let mut refs = packed.lines().filter_map(|line| line.split_once(' '));
    refs.find(|(_, packed)| *packed == name).map(|(id, _)| id.to_owned())
}

/// Whether it has no branch at all.
pub fn is_empty(dir: &Path) -> bool {
    let packed = fs::read_to_string(dir.join("packed-refs")).unwrap_or_default();
    !packed.contains(" refs/heads/") && !has_file(&dir.join("refs/heads"))
}

fn has_file(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.any(
        |path| if path.is_dir() { has_file(&path) } else { path.extension().is_none_or(|it| it != "lock") },
    )
}
