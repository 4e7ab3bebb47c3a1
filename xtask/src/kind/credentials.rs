//! The credentials for Docker Hub, out of the configuration of Docker's client.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::folder::Wanted;
use crate::context::Context;
use crate::failure::Failure;
use crate::profile::KindProfile;
use crate::profile::kind::expand;
use crate::sandbox::file::File;

/// In the folder that the nodes see.
pub(super) const FILE: &str = "docker-config.json";
/// What Docker Hub goes by in such a file; the first is what Docker writes, and kubelet reads.
const DOCKER_HUB: [&str; 4] =
    ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"];

/// What is read of Docker's configuration.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DockerConfig {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default)]
    creds_store: Option<String>,
    #[serde(default)]
    cred_helpers: BTreeMap<String, String>,
}

/// What the nodes get.
#[derive(Serialize)]
struct NodeConfig<'a> {
    auths: BTreeMap<&'static str, &'a Entry>,
}

/// What kubelet reads of an entry.
#[derive(Deserialize, Serialize)]
struct Entry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    auth: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    username: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<Secret>,
}

/// Erased when it is dropped; cannot be shown.
struct Secret(Zeroizing<String>);

/// The file that kubelet reads. Where a profile has none any more, nodes that
/// were made with it have it empty: they could not start without.
pub(super) fn file(cx: &Context, profile: &KindProfile, folder: &Path) -> anyhow::Result<Option<Wanted>> {
    let content = match &profile.docker_config {
        Some(path) => read(&expand(path, cx.root(), cx.environment.home.as_deref()))?,
        None if folder.join(FILE).is_file() => Zeroizing::new(b"{}".to_vec()),
        None => return Ok(None),
    };
    let what = "the credentials for Docker Hub".to_owned();
    Ok(Some(Wanted { path: FILE.into(), content, secret: true, what }))
}

/// Docker Hub's entry alone.
fn read(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let file = File::read("kind.docker_config", path).map_err(|message| {
        Failure::missing(message).help("run `docker login`, or name the file that has the credentials")
    })?;
    let config: DockerConfig = serde_json::from_slice(file.content()).map_err(|error| {
        // What the parser says could quote a password.
        let place = format!("line {}, column {}", error.line(), error.column());
        Failure::missing(file.say(format_args!("is not a configuration of Docker's client: see {place}")))
            .help("mend it; `docker login` writes such a file")
    })?;
    let entry = DOCKER_HUB.iter().filter_map(|name| config.auths.get(*name)).find(|entry| entry.is_usable());
    let entry = entry.ok_or_else(|| config.without_entry(&file))?;
    // Room for all of it, since a vector that grows leaves copies behind.
    let mut content = Zeroizing::new(Vec::with_capacity(2 * file.content().len() + 256));
    let auths = BTreeMap::from([(DOCKER_HUB[0], entry)]);
    serde_json::to_writer(&mut *content, &NodeConfig { auths }).context("cannot write the credentials")?;
    Ok(content)
}

impl DockerConfig {
    fn without_entry(&self, file: &File) -> Failure {
        let helpers = DOCKER_HUB.iter().filter_map(|name| self.cred_helpers.get(*name));
        let helper = helpers.chain(&self.creds_store).find(|helper| !helper.is_empty());
        let Some(helper) = helper else {
            return Failure::missing(file.say("has no credentials for Docker Hub"))
                .help("run `docker login`, or leave `kind.docker_config` out");
        };
        let keeper =
            format!("does not hold the credentials for Docker Hub: the helper `{helper}` keeps them");
        Failure::missing(file.say(keeper)).help(
            "no node can ask it: write a file with `{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \"…\"}}}`, \
             where `auth` is USER:TOKEN in base64, and name it with `kind.docker_config`",
        )
    }
}

impl Entry {
    fn is_usable(&self) -> bool {
        let is_there = |secret: &Option<Secret>| secret.as_ref().is_some_and(|secret| !secret.0.is_empty());
        is_there(&self.auth) || is_there(&self.username) && is_there(&self.password)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Zeroizing::new(text)))
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
