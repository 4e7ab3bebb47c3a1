//! Files to make a sandbox of.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SignatureAlgorithm,
};
use tempfile::TempDir;

use crate::context::SandboxRequest;
use crate::profile::Profile;
use crate::sandbox::Sandbox;

/// When tests take place, in seconds since 1970: 2027-01-15T08:00:00Z.
const NOW: u64 = 1_800_000_000;
/// In seconds.
pub const HOUR: i64 = 3600;
/// How long certificates are valid before and after.
const VALID: i64 = 240 * HOUR;

/// The external domain of tests.
pub const DOMAIN: &str = "lab.example.com";

/// A key of RSA, which cannot be made here.
pub const RSA: &str = include_str!("rsa.pem");

/// A folder with `cert.pem`, `key.pem` and `ca.pem`, all good.
pub struct Files {
    pub folder: TempDir,
}

impl Files {
    pub fn new() -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap() };
        let key = KeyPair::generate().unwrap();
        files.write("cert.pem", certificate(&wildcard(), &key).pem());
        files.write("key.pem", key.serialize_pem());
        files.write("ca.pem", certificate(&authority(), &KeyPair::generate().unwrap()).pem());
        files
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// A text, whatever bytes are in it.
    pub fn read_lossy(&self, name: &str) -> String {
        String::from_utf8_lossy(&fs::read(self.path(name)).unwrap()).into_owned()
    }

    /// Puts a certificate with these parameters, and its key, in their place.
    pub fn serve(&self, params: &CertificateParams, key: &KeyPair) {
        self.write("cert.pem", certificate(params, key).pem());
        self.write("key.pem", key.serialize_pem());
    }

    /// Checks them for the profile `coder`.
    pub fn check(&self) -> anyhow::Result<Sandbox> {
        self.check_for(DOMAIN, &profile("coder", &[]))
    }

    pub fn check_for(&self, domain: &str, profile: &Profile) -> anyhow::Result<Sandbox> {
        let [certificate, key, authority] = ["cert.pem", "key.pem", "ca.pem"].map(|name| self.path(name));
        let request =
            SandboxRequest { domain: domain.to_owned(), certificate, key, authority: Some(authority) };
        Sandbox::check_at(profile, self.folder.path(), &request, now())
    }

    /// What keeps them from being served, line by line, without the folder's path.
    #[track_caller]
    pub fn refused(&self) -> Vec<String> {
        self.said(&self.check().unwrap_err())
    }

    /// The lines of a failure, without the folder's path.
    pub fn said(&self, error: &anyhow::Error) -> Vec<String> {
        let folder = format!("{}/", self.folder.path().display());
        let text = error.to_string().replace(&folder, "");
        let mut lines = text.split("\n  ").map(str::to_owned);
        assert_eq!(lines.next().as_deref(), Some("the sandbox cannot be served"));
        lines.collect()
    }
}

/// A profile of the workspace.
pub fn profile(name: &str, overrides: &[&str]) -> Profile {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let overrides: Vec<String> = overrides.iter().map(|&it| it.to_owned()).collect();
    Profile::load(root, name, &overrides).unwrap()
}

pub fn certificate(params: &CertificateParams, key: &KeyPair) -> Certificate {
    params.self_signed(key).unwrap()
}

/// For these names, for servers, valid for [`VALID`] before and after [`now`].
pub fn leaf(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    valid(&mut params, -VALID, VALID);
    params
}

/// For the domain and every name under it.
pub fn wildcard() -> CertificateParams {
    leaf(&[DOMAIN, "*.lab.example.com"])
}

pub fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    valid(&mut params, -VALID, VALID);
    params
}

/// Sets the validity, in seconds after [`now`].
pub fn valid(params: &mut CertificateParams, from: i64, to: i64) {
    params.not_before = at(from).into();
    params.not_after = at(to).into();
}

/// When tests take place.
pub fn now() -> SystemTime {
    at(0)
}

fn at(seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.saturating_add_signed(seconds))
}

pub fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).unwrap()
}

/// What is in a PKCS#8 key, under the name that its own form has in PEM.
pub fn unwrapped(pkcs8: &[u8], name: &str) -> String {
    // Version, algorithm, key (RFC 5958, section 2): the key is a sequence in an octet string.
    let sequences = (1..pkcs8.len()).filter(|&at| pkcs8[at..].starts_with(&[0x30]));
    let inner = sequences.map(|at| &pkcs8[at..]).find(|rest| whole(rest)).unwrap();
    pem::encode(&pem::Pem::new(name, inner))
}

/// Whether a sequence, by the length that it says, takes all of the text.
fn whole(text: &[u8]) -> bool {
    let (header, length) = match text[1] {
        0x81 => (3, usize::from(text[2])),
        0x82 => (4, usize::from(u16::from_be_bytes([text[2], text[3]]))),
        short => (2, usize::from(short)),
    };
    header + length == text.len()
}
