//! A release made of a Git checkout: what is committed there.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use git_seed::Mode;

use super::blobs;
use super::build::{Found, Tree};
use super::layout::{FOLDERS, VERSION};
use super::snapshot::Snapshot;
use crate::context::Context;
use crate::failure::{Exit, Failure, exit_of};
use crate::git::users_git;
use crate::process::Program;

/// How long Git may take to say what there is.
const PATIENCE: Duration = Duration::from_mins(2);
/// The file mode of a submodule in a tree.
const SUBMODULE: &str = "160000";
/// The setting that Git names, in every language, if it does not trust a checkout's owner.
const TRUSTED: &str = "safe.directory";
/// Mark of a name that is not UTF-8, once it has been read as if it were.
const REPLACED: char = '\u{fffd}';

/// A checkout, and what of it a release is made of.
pub struct Checkout<'a> {
    cx: &'a Context,
    root: PathBuf,
    /// The id of the commit that is checked out.
    pub commit: String,
    /// When that was committed, in seconds since 1970.
    pub date: u64,
    /// What differs from it: paths of files of a release.
    pub changed: Vec<String>,
    /// What Git does not know: paths where a release has its files.
    pub untracked: Vec<String>,
    files: Vec<Found>,
    ids: Vec<String>,
    snapshot: Option<Snapshot>,
}

impl<'a> Checkout<'a> {
    /// The checkout that `folder` is in: its last commit or, if `dirty`, what
    /// lies in its work tree of the files that Git knows.
    pub fn open(cx: &'a Context, folder: &Path, dirty: bool) -> anyhow::Result<Self> {
        if !folder.is_dir() {
            let message = format!("there is no folder `{}`", folder.display());
            return Err(Failure::failed(message).help("name a checkout with `--from`").into());
        }
        let root = quietly(cx, &users_git(cx).args(["rev-parse", "--show-toplevel"]).dir(folder));
        let root = root.map_err(|error| {
            let no = not_ours(&error, folder).unwrap_or_else(|| {
                Failure::failed(format!("`{}` is not in a Git checkout", folder.display()))
                    .help("name one with `--from`")
            });
            meaning(error, || no)
        })?;
        let mut checkout = Self {
            cx,
            root: PathBuf::from(root.trim_end_matches('\n')),
            commit: String::new(),
            date: 0,
            changed: Vec::new(),
            untracked: Vec::new(),
            files: Vec::new(),
            ids: Vec::new(),
            snapshot: None,
        };
        checkout.read_commit()?;
        checkout.read_changes()?;
        if dirty && !checkout.changed.is_empty() {
            let index = checkout.ask(&["rev-parse", "--path-format=absolute", "--git-path", "index"])?;
            let objects = checkout.ask(&["rev-parse", "--path-format=absolute", "--git-path", "objects"])?;
            let snapshot = Snapshot::new(cx, Path::new(index.trim_end()), Path::new(objects.trim_end()))?;
            checkout.snapshot = Some(snapshot);
            let add: Vec<_> = ["add", "--update", "--", VERSION].into_iter().chain(FOLDERS).collect();
            checkout.ask(&add)?;
        }
        checkout.read_files()?;
        Ok(checkout)
    }

    /// Whether it is not as it was committed.
    pub fn is_dirty(&self) -> bool {
        self.snapshot.is_some()
    }

    /// The content of its file `VERSION`.
    pub fn version(&self) -> anyhow::Result<String> {
        let from = if self.is_dirty() { ":" } else { "HEAD:" };
        self.ask(&["cat-file", "blob", &format!("{from}{VERSION}")]).map_err(|error| {
            meaning(error, || {
                Failure::failed(format!("there is no file `{VERSION}` in `{}`", self.root.display()))
                    .help("give a checkout of the orchestrator's repository: `--from`")
            })
        })
    }

    /// Its id and date as they are stored: what `git log` shows obeys the user's settings.
    fn read_commit(&mut self) -> anyhow::Result<()> {
        let id = self.ask(&["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]).map_err(|error| {
            meaning(error, || {
                Failure::failed(format!("`{}` has no commit", self.root.display()))
                    .help("commit what the release shall hold")
            })
        })?;
        id.trim_end().clone_into(&mut self.commit);
        let date = date_in(&self.ask(&["cat-file", "commit", &self.commit])?);
        self.date = date.with_context(|| format!("commit {} has no date after 1970", self.commit))?;
        Ok(())
    }

    fn read_changes(&mut self) -> anyhow::Result<()> {
        let status =
            ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", VERSION];
        let status: Vec<_> = status.into_iter().chain(FOLDERS).collect();
        for line in self.ask(&status)?.split_terminator('\0') {
            let (kind, path) = line.split_at_checked(3).context("Git tells a change in another way")?;
            let list = if kind.starts_with("??") { &mut self.untracked } else { &mut self.changed };
            list.push(path.to_owned());
        }
        Ok(())
    }

    fn read_files(&mut self) -> anyhow::Result<()> {
        let tree = if self.is_dirty() { self.ask(&["write-tree"])? } else { self.commit.clone() };
        let list: Vec<_> =
            ["ls-tree", "-r", "-z", "--full-tree", tree.trim(), "--"].into_iter().chain(FOLDERS).collect();
        let mut found = Vec::new();
        for line in self.ask(&list)?.split_terminator('\0') {
            let (about, path) = line.split_once('\t').context("Git lists a tree in another way")?;
            let (mode, about) = about.split_once(' ').context("Git lists a tree in another way")?;
            let id = about.rsplit(' ').next().unwrap_or_default();
            found.push((Found { path: path.to_owned(), mode: mode_of(mode, path)? }, id.to_owned()));
        }
        found.sort_by(|one, other| one.0.path.cmp(&other.0.path));
        (self.files, self.ids) = found.into_iter().unzip();
        Ok(())
    }

    fn ask(&self, args: &[&str]) -> anyhow::Result<String> {
        quietly(self.cx, &self.git(args))
    }

    /// Git in the checkout; it only looks, unless in a snapshot, and sees the
    /// objects themselves, not what somebody has put in their places.
    fn git(&self, args: &[&str]) -> Program {
        let git = users_git(self.cx).args(args).dir(&self.root);
        let git = git.variable("GIT_OPTIONAL_LOCKS", "0").variable("GIT_NO_REPLACE_OBJECTS", "1");
        self.snapshot.as_ref().map_or_else(|| git.clone(), |snapshot| snapshot.around(git.clone()))
    }
}

impl Tree for Checkout<'_> {
    fn files(&self) -> &[Found] {
        &self.files
    }

    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Found, u64, &mut dyn Read) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let ids = self.ids.iter().map(String::as_str);
        blobs::read(self.cx, &self.git(&["cat-file", "--batch"]), ids, &mut |at, size, content| {
            visit(&self.files[at], size, content)
        })
    }
}

fn quietly(cx: &Context, program: &Program) -> anyhow::Result<String> {
    cx.interrupt.check()?;
    cx.reporter.detail(&format!("$ {program}"));
    let patience = cx.deadline.within(PATIENCE).saturating_duration_since(Instant::now());
    program.quietly(patience)
}

/// What it means that Git says no, if it was heard at all.
fn meaning(error: anyhow::Error, no: impl FnOnce() -> Failure) -> anyhow::Error {
    match exit_of(&error) {
        Exit::Failed => error.context(no()),
        _ => error,
    }
}

/// What it means that Git does not trust the checkout's owner, if that is why it said no.
fn not_ours(error: &anyhow::Error, folder: &Path) -> Option<Failure> {
    if !error.to_string().contains(TRUSTED) {
        return None;
    }
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let root = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&folder);
    let trust = Program::new("git").args(["config", "--global", "--add", TRUSTED]).args([root]);
    let failure = Failure::refused(format!("the checkout `{}` belongs to another user", root.display()));
    Some(failure.help(format!("run this as that user, or trust what lies there: `{trust}`")))
}

/// When a commit was made, in seconds since 1970, by its object.
fn date_in(commit: &str) -> Option<u64> {
    let line = commit.lines().find_map(|line| line.strip_prefix("committer "))?;
    line.rsplit(' ').nth(1)?.parse().ok()
}

fn mode_of(mode: &str, path: &str) -> anyhow::Result<Mode> {
    if path.contains(REPLACED) {
        let failure = Failure::failed(format!("the name of `{path}` is not UTF-8"));
        return Err(failure.help("rename it").into());
    }
    match mode {
        "100644" | "100664" => Ok(Mode::Plain),
        "100755" => Ok(Mode::Executable),
        "120000" => Ok(Mode::Link),
        SUBMODULE => Err(Failure::failed(format!(
            "`{path}` is a submodule, whose files are in another repository"
        ))
        .help("put its files into the checkout's own repository, or take it out of the release's folders")
        .into()),
        _ => anyhow::bail!("`{path}` has the mode {mode}, which this program does not know"),
    }
}
