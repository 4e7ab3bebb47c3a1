//! The files of an API server, in a folder for nobody but this user.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rcgen::KeyPair;
use rustls::crypto::ring::default_provider;
use serde_json::json;
use tempfile::TempDir;

/// The only user's name.
const USER: &str = "admin";

/// etcd's socket.
pub const ETCD_SOCKET: &str = "client:0";
/// Who may come in.
pub const TOKENS: &str = "tokens.csv";
/// What tokens of service accounts are signed with.
pub const PRIVATE_KEY: &str = "service-accounts.key";
/// What they are checked with.
pub const PUBLIC_KEY: &str = "service-accounts.pub";
/// Where the server puts the certificate that it makes.
pub const CERTIFICATES: &str = "certificates";

/// The files; gone when this is dropped.
pub struct Files {
    dir: TempDir,
    token: String,
}

impl Files {
    /// Makes the keys, and a token that nobody else knows.
    pub fn new() -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("xtask-apiserver-").tempdir();
        let dir = dir.context("cannot make a folder for the API server's files")?;
        let files = Self { dir, token: new_token()? };
        let key = KeyPair::generate().context("cannot make a key")?;
        files.write(PRIVATE_KEY, &key.serialize_pem())?;
        files.write(PUBLIC_KEY, &key.public_key_pem())?;
        files.write(TOKENS, &format!("{},{USER},{USER},system:masters\n", files.token))?;
        Ok(files)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    /// The token of the only user.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The certificate that the server made, and its authority's.
    pub fn certificate(&self) -> PathBuf {
        self.path(CERTIFICATES).join("apiserver.crt")
    }

    /// Writes the kubeconfig for a server on `address`; returns its path.
    pub fn write_kubeconfig(&self, address: SocketAddr) -> anyhow::Result<PathBuf> {
        let name = "test";
        let cluster =
            json!({ "server": format!("https://{address}"), "certificate-authority": self.certificate() });
        let kubeconfig = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "contexts": [{ "name": name, "context": { "cluster": name, "user": USER } }],
            "clusters": [{ "name": name, "cluster": cluster }],
            "users": [{ "name": USER, "user": { "token": self.token } }],
        });
        // JSON is YAML.
        self.write("kubeconfig", &format!("{kubeconfig:#}\n"))?;
        Ok(self.path("kubeconfig"))
    }

    fn write(&self, name: &str, content: &str) -> anyhow::Result<()> {
        let path = self.path(name);
        fs::write(&path, content).with_context(|| format!("cannot write `{}`", path.display()))
    }
}

fn new_token() -> anyhow::Result<String> {
    let mut token = [0; 16];
    default_provider().secure_random.fill(&mut token).ok().context("cannot make a token")?;
    Ok(format!("{:032x}", u128::from_ne_bytes(token)))
}
