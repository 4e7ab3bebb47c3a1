//! Who we are to a registry.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ureq::http::HeaderValue;
use zeroize::Zeroizing;

use super::docker_config::DockerConfig;
use crate::failure::Failure;
use crate::https::basic;

/// Where credentials are looked for once a registry wants them.
#[derive(Clone, Debug)]
pub struct Keys {
    path: Option<PathBuf>,
    /// The user named the file, so it must hold them.
    named: bool,
}

/// A user and a password; erased when dropped, and not shown.
pub struct Credentials {
    user: Zeroizing<String>,
    password: Zeroizing<String>,
    origin: String,
}

impl Keys {
    /// In the file that the user `named`, else in that of Docker's client.
    pub fn new(named: Option<&Path>, docker: Option<&Path>) -> Self {
        Self { path: named.or(docker).map(Path::to_owned), named: named.is_some() }
    }

    /// Those for the registry `host`, if there are any.
    pub fn find(&self, host: &str) -> anyhow::Result<Option<Credentials>> {
        let Some(path) = &self.path else { return Ok(None) };
        if !self.named && !path.exists() {
            return Ok(None);
        }
        let unreadable = || Failure::missing(format!("cannot read the credentials in `{}`", path.display()));
        let text = Zeroizing::new(std::fs::read_to_string(path).with_context(unreadable)?);
        let found = if !self.named || text.trim_start().starts_with('{') {
            DockerConfig::parse(path, &text)?.find(host)?
        } else {
            Some(line(path, &text)?)
        };
        match found {
            None if self.named => {
                let message = format!("`{}` has no credentials for `{host}`", path.display());
                Err(Failure::missing(message).help(format!("add them: `docker login {host}`")).into())
            }
            found => Ok(found),
        }
    }
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

    /// As they are told to a server.
    pub fn basic(&self) -> anyhow::Result<HeaderValue> {
        let mut header =
            HeaderValue::from_str(&basic(&self.user, &self.password)).context("base64 is ASCII")?;
        header.set_sensitive(true);
        Ok(header)
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
