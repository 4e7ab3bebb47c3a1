//! Who we are to a registry.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use zeroize::Zeroizing;

use super::docker_config::DockerConfig;
use crate::failure::Failure;
use crate::https::basic;

/// Where credentials are looked for once a registry wants them.
pub enum Keys {
    /// In the file that the user named, so it must hold them.
    Named(PathBuf, Zeroizing<String>),
    /// In the configuration of Docker's client, if it is there.
    Docker(PathBuf),
    /// Nowhere.
    None,
}

/// A user and a password; erased when dropped, and not shown.
pub struct Credentials {
    user: Zeroizing<String>,
    password: Zeroizing<String>,
    origin: String,
}

impl Keys {
    /// In the file that the user `named`, else in that of Docker's client. The
    /// former is read at once: it must be there, also if nobody asks for it.
    pub fn new(named: Option<&Path>, docker: Option<&Path>) -> anyhow::Result<Self> {
        Ok(match (named, docker) {
            (Some(path), _) => Self::Named(path.to_owned(), read(path, Failure::usage)?),
            (None, Some(path)) => Self::Docker(path.to_owned()),
            (None, None) => Self::None,
        })
    }

    /// Those for the registry `host`, if there are any.
    pub fn find(&self, host: &str) -> anyhow::Result<Option<Credentials>> {
        match self {
            Self::Named(path, text) if text.trim_start().starts_with('{') => {
                let found = DockerConfig::parse(path, text)?.find(host)?;
                let found = found.with_context(|| {
                    let message = format!("`{}` has no credentials for `{host}`", path.display());
                    Failure::missing(message).help(format!("add them: `docker login {host}`"))
                });
                found.map(Some)
            }
            Self::Named(path, text) => line(path, text).map(Some),
            Self::Docker(path) if path.exists() => {
                DockerConfig::parse(path, &read(path, Failure::missing)?)?.find(host)
            }
            Self::Docker(_) | Self::None => Ok(None),
        }
    }
}

/// The file's content. One that the user has named wrongly is another failure
/// than one that Docker's client has.
fn read(path: &Path, failure: fn(String) -> Failure) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    text.with_context(|| {
        failure(format!("cannot read the credentials in `{}`", path.display()))
            .help("name a file with one line `user:password`, or a configuration of Docker's client")
    })
}

impl Credentials {
    /// Those that `origin` holds.
    pub fn new(user: &str, password: &str, origin: String) -> Self {
        let own = |text: &str| Zeroizing::new(text.to_owned());
        Self { user: own(user), password: own(password), origin }
    }

    /// Those in `user:password`.
    pub fn of_pair(pair: &str, origin: String) -> Option<Self> {
        let (user, password) = pair.split_once(':')?;
        (!user.is_empty() && !password.is_empty()).then(|| Self::new(user, password, origin))
    }

    /// Where they are from.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// As they are told to a server, in the header `Authorization`.
    pub fn basic(&self) -> Zeroizing<String> {
        basic(&self.user, &self.password)
    }
}

/// One line with `user:password`.
fn line(path: &Path, text: &str) -> anyhow::Result<Credentials> {
    let shown = path.display();
    let found = match text.trim_end_matches(['\n', '\r']) {
        several if several.contains('\n') => None,
        line => Credentials::of_pair(line, format!("the user in `{shown}`")),
    };
    found.with_context(|| {
        Failure::usage(format!("`{shown}` holds no credentials"))
            .help("it must be one line `user:password`, or a configuration of Docker's client")
    })
}
