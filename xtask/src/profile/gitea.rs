//! The `[gitea]` table of a profile.

mod limits;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::Serialize;

pub use limits::ReleaseLimits;

use super::object::{ObjectRef, ServiceRef, is_name};
use super::section::{Item, Raw, Section};

/// Longest name of an account, a repository or a branch, in bytes.
const MAX_NAME: usize = 100;

/// What Gitea and Git keep for themselves at the end of a repository's name.
const ENDS: [&str; 2] = [".git", ".wiki"];
/// What Git keeps for itself at the end of a branch's name.
const LOCK: &str = ".lock";

/// The Git server that releases are seeded to.
#[derive(Clone, Debug, Serialize)]
pub struct GiteaProfile {
    /// What it is.
    pub engine: ForgeEngine,
    /// What it is in the cluster, or stands for.
    pub service: ServiceRef,
    /// Where releases go.
    pub repository: RepositoryRef,
    /// The branch that they are committed on.
    pub branch: String,
    /// How much a release may hold.
    pub limits: ReleaseLimits,
    /// There exactly if the engine is Gitea.
    pub server: Option<GiteaServer>,
}

/// What serves the repositories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ForgeEngine {
    /// Bare repositories in the state directory.
    Bare,
    /// Gitea, in the cluster.
    Gitea,
}

/// `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct RepositoryRef {
    /// The account that it belongs to.
    pub owner: String,
    /// Its name.
    pub name: String,
}

/// A Gitea in a cluster.
#[derive(Clone, Debug, Serialize)]
pub struct GiteaServer {
    /// The secret with its certificate.
    pub certificate: ObjectRef,
    /// The namespace of Argo CD, where the repository's secret is.
    pub argo: String,
    /// Its accounts.
    pub accounts: Vec<AccountProfile>,
}

/// An account of Gitea and the secret that holds its password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountProfile {
    /// Its name in Gitea.
    pub name: String,
    /// The secret.
    pub secret: ObjectRef,
    /// Whether it may do everything.
    pub admin: bool,
}

impl GiteaProfile {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let engine = section.required("engine").and_then(|item| item.word(&ForgeEngine::ALL));
        let service =
            section.required("service").and_then(|item| item.text()?.read(|text| ServiceRef::parse(text)));
        let repository = section
            .required("repository")
            .and_then(|item| item.text()?.read(|text| RepositoryRef::parse(text)));
        let branch = section.required("branch").and_then(|item| item.text()?.read(read_branch));
        let limits = section.required("limits").and_then(Item::section).and_then(ReleaseLimits::read);
        let server = match engine {
            Some(ForgeEngine::Gitea) => Some(GiteaServer::read(&mut section)),
            _ => None,
        };
        section.finish();
        let repository = repository?.value;
        Some(Self {
            engine: engine?,
            service: service?.value,
            branch: branch?.value,
            limits: limits?,
            server: match server {
                Some(server) => Some(server?),
                None => None,
            },
            repository,
        })
    }

    /// Its name inside the cluster, which Argo CD uses and the certificate has.
    pub fn host(&self) -> String {
        format!("{}.{}.svc.cluster.local", self.service.name, self.service.namespace)
    }

    /// Whether it is this service, `namespace/name`.
    pub fn stands_for(&self, service: &str) -> bool {
        service == format!("{}/{}", self.service.namespace, self.service.name)
    }

    /// The account that owns the repository, with its secret.
    pub fn owner(&self) -> Option<&AccountProfile> {
        self.server.as_ref()?.accounts.iter().find(|account| account.name == self.repository.owner)
    }
}

impl GiteaServer {
    fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let certificate =
            section.required("certificate").and_then(|item| item.text()?.read(|text| ObjectRef::parse(text)));
        let argo = section.required("argo").and_then(|item| item.text()?.read(read_namespace));
        let tables = section.required("account").and_then(Item::list);
        Some(Self { certificate: certificate?.value, argo: argo?.value, accounts: read_accounts(tables?) })
    }

    /// The first account that may do everything.
    pub fn admin(&self) -> Option<&AccountProfile> {
        self.accounts.iter().find(|account| account.admin)
    }
}

impl AccountProfile {
    fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let name = section.required("name").and_then(|item| item.text()?.read(|text| read_name(text)));
        let secret =
            section.required("secret").and_then(|item| item.text()?.read(|text| ObjectRef::parse(text)));
        let admin = section.optional("admin").map_or(Some(false), Item::flag);
        section.finish();
        Some(Self { name: name?.value, secret: secret?.value, admin: admin? })
    }
}

fn read_accounts(tables: Vec<Raw<'_, '_>>) -> Vec<AccountProfile> {
    let mut accounts: Vec<AccountProfile> = Vec::new();
    for table in tables {
        let at = table.at.clone();
        let Some(account) = table.section().and_then(AccountProfile::read) else { continue };
        if accounts.iter().any(|other| other.name == account.name) {
            at.report(format!("there are two accounts `{}`", account.name));
        }
        if accounts.iter().any(|other| other.secret == account.secret) {
            at.report(format!("two accounts have the secret `{}`", account.secret));
        }
        accounts.push(account);
    }
    accounts
}

impl RepositoryRef {
    /// Reads `owner/name`, of what Gitea takes as names and no path is.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not `owner/name`, such as `argocd/edge-manageability-framework`");
        let (owner, name) = text.split_once('/').ok_or_else(wrong)?;
        if !is_plain(owner) || !is_plain(name) || ENDS.iter().any(|end| name.ends_with(end)) {
            return Err(wrong());
        }
        Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
    }
}

/// What Gitea takes as the name of an account or a repository, and no path is.
fn is_plain(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    name.len() <= MAX_NAME
        && edge(name.bytes().next())
        && edge(name.bytes().last())
        && name.bytes().all(inner)
        && !name.contains("..")
}

fn read_name(text: &str) -> Result<String, String> {
    if is_plain(text) { Ok(text.to_owned()) } else { Err(format!("`{text}` is not the name of an account")) }
}

/// Of what Git takes, what needs no care anywhere.
fn read_branch(text: &String) -> Result<String, String> {
    let part = |part: &str| is_plain(part) && !part.ends_with(LOCK);
    if text.len() <= MAX_NAME && text.split('/').all(part) && text != "HEAD" && !text.starts_with("refs/") {
        return Ok(text.clone());
    }
    Err(format!("`{text}` is not a branch, such as `main`"))
}

fn read_namespace(text: &String) -> Result<String, String> {
    if is_name(text) { Ok(text.clone()) } else { Err(format!("`{text}` is not a namespace")) }
}

impl ForgeEngine {
    pub(super) const ALL: [Self; 2] = [Self::Bare, Self::Gitea];
}

impl fmt::Display for ForgeEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bare => "bare",
            Self::Gitea => "gitea",
        })
    }
}

impl fmt::Display for RepositoryRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

impl From<RepositoryRef> for String {
    fn from(repository: RepositoryRef) -> Self {
        repository.to_string()
    }
}
