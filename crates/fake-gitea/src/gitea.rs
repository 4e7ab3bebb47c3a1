//! The server as a test holds it.

use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::{
    account::{Token, User},
    fault::Faults,
    git, hooks,
    options::Options,
    repository::{self, Repository},
    request::Request,
    server::Server,
    state::State,
};

/// The administrator that there is from the start.
pub const ADMIN: &str = "gitea_admin";
/// The administrator's password.
pub const ADMIN_PASSWORD: &str = "of-the-first-administrator";

/// A Gitea on 127.0.0.1 with a thread of its own. When dropped, it closes every
/// connection, and its repositories are gone.
#[derive(Debug)]
pub struct FakeGitea {
    // It ends first, for its gits use the folder in the state.
    server: Server,
    state: Arc<State>,
    options: Options,
}

#[expect(clippy::expect_used, reason = "a test whose machine fails has nothing else to do")]
impl FakeGitea {
    /// Serves plain HTTP on a free port.
    ///
    /// # Panics
    ///
    /// When the machine has no port, thread or folder left.
    pub fn start() -> Self {
        Self::start_with(Options::default()).expect("a free port on 127.0.0.1, a thread and a folder")
    }

    /// Serves as the options say.
    ///
    /// # Errors
    ///
    /// When the address is taken, or no folder can be made.
    pub fn start_with(options: Options) -> io::Result<Self> {
        let tls = options.certificate.as_ref().map(crate::Certificate::acceptor).transpose()?;
        let listener = TcpListener::bind(options.address.unwrap_or((Ipv4Addr::LOCALHOST, 0).into()))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr()?);
        let root = tempfile::Builder::new().prefix("fake-gitea-").tempdir()?;
        let state = Arc::new(State::new(url, root));
        state.forge().add_user(ADMIN, ADMIN_PASSWORD, true);
        let server = Server::start(listener, tls, Arc::clone(&state))?;
        Ok(Self { server, state, options })
    }

    /// `http://127.0.0.1:PORT`, or `https`; without a slash at its end.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// `OWNER/NAME` as git is given it.
    pub fn clone_url(&self, repository: &str) -> String {
        format!("{}/{repository}.git", self.url())
    }

    /// How it is reached.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Adds an account that is no administrator and may do all it wants with
    /// this password.
    pub fn add_user(&self, name: &str, password: &str) {
        self.state.forge().add_user(name, password, false);
    }

    /// Gives an account a token; returns its value.
    ///
    /// # Panics
    ///
    /// When there is no such account.
    #[track_caller]
    pub fn add_token(&self, user: &str, name: &str, scopes: &[&str]) -> String {
        let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        let token: Option<Token> = self.state.forge().add_token(user, name, scopes);
        token.unwrap_or_else(|| panic!("there is no account `{user}`")).value
    }

    /// Adds an empty, public repository whose default branch is `main`.
    pub fn add_repository(&self, owner: &str, name: &str) {
        let mut forge = self.state.forge();
        let id = forge.next_id();
        let (owner, name, default_branch) = (owner.to_owned(), name.to_owned(), "main".to_owned());
        let new = Repository {
            id,
            owner,
            name,
            default_branch,
            is_private: false,
            is_archived: false,
            is_mirror: false,
            protections: Vec::new(),
        };
        repository::create(&new.dir(self.state.root.path()), "main").expect("a folder for a repository");
        forge.repositories.push(new);
    }

    /// Makes a repository, `OWNER/NAME`, a mirror of another, which nobody can
    /// push to.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[track_caller]
    pub fn make_mirror(&self, repository: &str) {
        let (owner, name) = split(repository);
        let mut forge = self.state.forge();
        let found = forge.repository_mut(owner, name);
        found.unwrap_or_else(|| panic!("there is no repository `{repository}`")).is_mirror = true;
    }

    /// The accounts as they are now, with passwords and tokens.
    pub fn users(&self) -> Vec<User> {
        self.state.forge().users.clone()
    }

    /// An account as it is now.
    pub fn user(&self, name: &str) -> Option<User> {
        self.state.forge().user(name).cloned()
    }

    /// The bare repositories, each `OWNER/NAME.git` in small letters.
    pub fn root(&self) -> &Path {
        self.state.root.path()
    }

    /// The folder of a repository, `OWNER/NAME`.
    #[track_caller]
    pub fn dir(&self, repository: &str) -> PathBuf {
        let (owner, name) = split(repository);
        repository::dir(self.root(), owner, name)
    }

    /// Runs git in a repository, `OWNER/NAME`; returns what it printed, without
    /// the last line's end.
    ///
    /// # Panics
    ///
    /// When git fails.
    #[track_caller]
    pub fn git(&self, repository: &str, args: &[&str]) -> String {
        match git::run(&self.dir(repository), args, b"") {
            Ok(printed) => printed.trim_end_matches('\n').to_owned(),
            Err(error) => panic!("{error}"),
        }
    }

    /// Commits files, by path and content, on top of a branch or as its first
    /// commit; returns the commit's id.
    ///
    /// # Panics
    ///
    /// When git fails.
    #[track_caller]
    pub fn commit(&self, repository: &str, branch: &str, files: &[(&str, &str)]) -> String {
        git::commit(&self.dir(repository), branch, files).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The commit that a branch is at; none if there is no such branch.
    #[track_caller]
    pub fn head(&self, repository: &str, branch: &str) -> Option<String> {
        repository::head(&self.dir(repository), branch)
    }

    /// Has git run a script, in the bare repository, with what a `pre-receive`
    /// hook gets. If it fails, nothing is pushed.
    #[track_caller]
    pub fn pre_receive(&self, repository: &str, script: &str) {
        let hook = self.dir(repository).join("hooks").join(hooks::OF_TEST);
        hooks::install(&hook, script).expect("the repository has a folder for hooks");
    }

    /// Removes the script again.
    #[track_caller]
    pub fn remove_pre_receive(&self, repository: &str) {
        let hook = self.dir(repository).join("hooks").join(hooks::OF_TEST);
        fs::remove_file(hook).expect("there is a script");
    }

    /// What goes wrong. Add to it at any time.
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// The requests so far, those that went wrong too.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests()
    }

    /// Waits until something is true of the requests and how much of each has
    /// come. Not for asynchronous
    /// tests, whose own work it would hold up.
    ///
    /// # Panics
    ///
    /// When it is not true within the limit. The requests so far are told.
    #[track_caller]
    pub fn wait_for(&self, limit: Duration, condition: impl Fn(&Self) -> bool) {
        let mut signals = self.state.signal.subscribe();
        let holds = async { while !condition(self) && signals.changed().await.is_ok() {} };
        let holds = self.server.runtime.block_on(async { tokio::time::timeout(limit, holds).await });
        assert!(holds.is_ok(), "not so within {limit:?}; requests so far: {:#?}", self.requests());
    }
}

#[track_caller]
fn split(repository: &str) -> (&str, &str) {
    repository.split_once('/').unwrap_or_else(|| panic!("`{repository}` is not `OWNER/NAME`"))
}
