//! The files of a Gitea, in a folder for nobody but this user.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::crypto::ring::default_provider;
use tempfile::TempDir;

use crate::replace::replace_private;

/// What it reads.
pub const CONFIG: &str = "app.ini";
/// What its certificate is signed with.
pub const AUTHORITY: &str = "ca.pem";
/// What an administrator asks with.
pub const TOKEN: &str = "token";
/// Its certificate.
const CERTIFICATE: &str = "certificate.pem";
/// The certificate's key.
const KEY: &str = "key.pem";
/// What it is reached by: here, and as in a cluster.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "gitea-http.gitea.svc.cluster.local"];

/// The files; gone when this is dropped.
pub struct Files {
    dir: TempDir,
}

impl Files {
    /// Writes what it takes to serve on `address` with the templates of
    /// `sources`.
    pub fn new(address: SocketAddr, sources: &Path) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("xtask-gitea-").tempdir();
        let files = Self { dir: dir.context("cannot make a folder for Gitea's files")? };
        files.write_certificate().context("cannot make a certificate")?;
        files.write(CONFIG, &files.config(address, sources)?)?;
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

    /// Writes a file that only this user reads.
    pub fn write(&self, name: &str, content: &str) -> anyhow::Result<()> {
        replace_private(&self.path(name), content.as_bytes())
    }

    fn write_certificate(&self) -> anyhow::Result<()> {
        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "authority of Gitea for tests");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(NAMES.map(str::to_owned))?.signed_by(&key, &authority)?;
        self.write(AUTHORITY, &authority.pem())?;
        self.write(CERTIFICATE, &certificate.pem())?;
        self.write(KEY, &key.serialize_pem())
    }

    /// Passwords are hashed quickly, for each request with one hashes it.
    /// Nothing is asked of other machines.
    fn config(&self, address: SocketAddr, sources: &Path) -> anyhow::Result<String> {
        let (dir, sources, port) = (self.dir().display(), sources.display(), address.port());
        let (secret, internal) = (new_secret()?, new_secret()?);
        Ok(format!(
            "RUN_MODE = prod\nWORK_PATH = {dir}\nI_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true\n\
             [server]\nPROTOCOL = https\nHTTP_ADDR = {}\nHTTP_PORT = {port}\nROOT_URL = https://{address}/\n\
             CERT_FILE = {dir}/{CERTIFICATE}\nKEY_FILE = {dir}/{KEY}\nSTATIC_ROOT_PATH = {sources}\n\
             APP_DATA_PATH = {dir}/data\nDISABLE_SSH = true\nOFFLINE_MODE = true\n\
             [database]\nDB_TYPE = sqlite3\nPATH = {dir}/gitea.db\nSQLITE_JOURNAL_MODE = WAL\n\
             SQLITE_TIMEOUT = 20000\n\
             [repository]\nROOT = {dir}/repositories\n\
             [security]\nINSTALL_LOCK = true\nSECRET_KEY = {secret}\nINTERNAL_TOKEN = {internal}\n\
             PASSWORD_HASH_ALGO = pbkdf2$1000$50\n\
             [service]\nDISABLE_REGISTRATION = true\n\
             [session]\nPROVIDER = memory\n\
             [indexer]\nISSUE_INDEXER_TYPE = db\n\
             [actions]\nENABLED = false\n[oauth2]\nENABLED = false\n[packages]\nENABLED = false\n\
             [cron.update_checker]\nENABLED = false\n\
             [log]\nMODE = console\nLEVEL = Info\n",
            address.ip()
        ))
    }
}

fn new_secret() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    default_provider().secure_random.fill(&mut bytes).ok().context("cannot make a secret")?;
    let (high, low) = bytes.split_at(16);
    let number = |half: &[u8]| half.try_into().map(u128::from_be_bytes);
    Ok(format!("{:032x}{:032x}", number(high)?, number(low)?))
}
