//! Credentials in the configuration of Docker's client.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::credentials::Credentials;
use super::helper;
use crate::failure::Failure;

/// What of it tells who we are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default)]
    creds_store: String,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    auth: Zeroizing<String>,
    #[serde(default)]
    username: Zeroizing<String>,
    #[serde(default)]
    password: Zeroizing<String>,
}

/// The configuration of Docker's client.
pub struct DockerConfig {
    path: PathBuf,
    document: Document,
}

impl DockerConfig {
    /// Reads `text`, which is in `path`.
    pub fn parse(path: &Path, text: &str) -> anyhow::Result<Self> {
        let document = serde_json::from_str(text).map_err(|error| {
            // What the parser says could quote a password.
            let place = format!("line {}, column {}", error.line(), error.column());
            let shown = path.display();
            Failure::missing(format!("`{shown}` is not a configuration of Docker's client: see {place}"))
                .help("mend it; `docker login` writes such a file")
        })?;
        Ok(Self { path: path.to_owned(), document })
    }

    /// Those for the registry `host`, where Docker would find them: with the
    /// helper for it, with the one for all, in the file.
    pub fn find(&self, host: &str) -> anyhow::Result<Option<Credentials>> {
        let Document { auths, creds_store, cred_helpers } = &self.document;
        let helper = cred_helpers.iter().find(|(name, _)| is_of(name, host)).map(|(_, helper)| helper);
        if let Some(helper) = helper.or(Some(creds_store)).filter(|helper| !helper.is_empty())
            && let Some(found) = helper::ask(helper, host)?
        {
            return Ok(Some(found));
        }
        let entry = auths.iter().find(|(name, _)| is_of(name, host)).map(|(_, entry)| entry);
        entry.filter(|entry| !entry.is_empty()).map(|entry| self.read(entry)).transpose()
    }

    fn read(&self, entry: &Entry) -> anyhow::Result<Credentials> {
        let origin = format!("the user in `{}`", self.path.display());
        if entry.auth.is_empty() {
            return Ok(Credentials::new(&entry.username, &entry.password, origin));
        }
        let pair = STANDARD.decode(entry.auth.as_bytes()).map(Zeroizing::new).ok();
        let pair = pair.as_ref().and_then(|pair| std::str::from_utf8(pair).ok());
        pair.and_then(|pair| Credentials::of_pair(pair, origin)).with_context(|| {
            Failure::missing(format!("`{}` has credentials that cannot be read", self.path.display()))
                .help("run `docker login` again; a token alone will not do")
        })
    }
}

impl Entry {
    fn is_empty(&self) -> bool {
        self.auth.is_empty() && (self.username.is_empty() || self.password.is_empty())
    }
}

/// Whether an entry is that of the registry: it may be an address with a path.
fn is_of(name: &str, host: &str) -> bool {
    let name = name.strip_prefix("https://").or(name.strip_prefix("http://")).unwrap_or(name);
    name.split('/').next().is_some_and(|name| name.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, host: &str) -> anyhow::Result<Option<String>> {
        let found = DockerConfig::parse(Path::new("c.json"), text)?.find(host)?;
        Ok(found.map(|found| found.basic().to_string()))
    }

    #[test]
    fn the_registry_is_found_as_docker_writes_it() {
        // bWU6cDp3 is `me:p:w`.
        for name in ["r.example:5000", "https://r.example:5000", "http://R.example:5000/v2/"] {
            let text = format!(r#"{{"auths": {{"other": {{}}, "{name}": {{"auth": "bWU6cDp3"}}}}}}"#);
            assert_eq!(find(&text, "r.example:5000").unwrap().unwrap(), "Basic bWU6cDp3", "{name}");
            assert_eq!(find(&text, "r.example").unwrap(), None);
            assert_eq!(find(&text, "other").unwrap(), None);
        }
        let plain = r#"{"auths": {"r": {"username": "me", "password": "p:w"}}}"#;
        assert_eq!(find(plain, "r").unwrap().unwrap(), "Basic bWU6cDp3");
    }

    #[test]
    fn what_cannot_be_read_is_told_without_its_content() {
        for text in [r#"{"auths": {"r": {"auth": "c2VjcmV0"}}}"#, r#"{"auths": {"r": "secret"}}"#] {
            let error = format!("{:#}", find(text, "r").unwrap_err());
            assert!(error.contains("`c.json`") && !error.contains("secret"), "{error}");
        }
    }
}
