//! What the server and the test share.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tempfile::TempDir;
use tokio::sync::watch;

use crate::{fault::Faults, forge::Forge, repository, request::Request};

/// The forge, its faults and what it was asked.
#[derive(Debug)]
pub struct State {
    forge: Mutex<Forge>,
    pub faults: Faults,
    /// `http://127.0.0.1:PORT`, or `https`.
    pub url: String,
    /// Where the repositories are.
    pub root: TempDir,
    /// How many gits run for clients.
    pub running: watch::Sender<usize>,
    requests: Mutex<Vec<Request>>,
    /// Tells of every request, and of every piece of a body.
    pub signal: watch::Sender<()>,
}

impl State {
    pub fn new(url: String, root: TempDir) -> Self {
        Self {
            forge: Mutex::default(),
            faults: Faults::default(),
            url,
            root,
            running: watch::Sender::default(),
            requests: Mutex::default(),
            signal: watch::Sender::default(),
        }
    }

    pub fn forge(&self) -> MutexGuard<'_, Forge> {
        self.forge.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder of a repository of that name, `OWNER/NAME`.
    pub fn dir(&self, repository: &str) -> Option<PathBuf> {
        let (owner, name) = repository.split_once('/')?;
        Some(repository::dir(self.root.path(), owner, name))
    }

    pub fn note(&self, request: Request) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        self.signal.send_replace(());
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
