//! Certificates of the stand-ins, from an authority that forgets its key.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use routing::{HostPattern, Route};
use serde::{Deserialize, Serialize};

use crate::replace::replace_private;
use crate::state::StateDir;

/// How long the certificates are valid.
const VALID: Duration = Duration::from_hours(8760);
/// Less time than this left: they are made anew.
const RENEW: Duration = Duration::from_hours(24);
/// Clocks differ: valid since before they were made.
const SKEW: Duration = Duration::from_hours(1);

/// The certificates of a profile, in its state directory.
#[derive(Debug)]
pub struct Certificates {
    state: StateDir,
    wanted: Vec<Identity>,
}

/// What one certificate is for.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    route: String,
    names: Vec<String>,
}

/// What was made; written last, so that half a set is no set.
#[derive(Debug, Serialize, Deserialize)]
struct Index {
    identities: Vec<Identity>,
    /// Differs whenever certificates were made.
    fingerprint: String,
    expires: SystemTime,
}

impl Certificates {
    /// One for each route, with the host names that the route takes.
    pub fn new(state: StateDir, routes: &[Route], domain: &str) -> Self {
        let wanted = routes.iter().map(|route| Identity::new(route, domain)).collect();
        Self { state, wanted }
    }

    /// A text that differs when certificates were made anew; `None` when they
    /// are absent, are for other names, or expire within a day.
    pub fn fingerprint(&self) -> Option<String> {
        let text = fs::read(self.index_path()).ok()?;
        let index: Index = serde_json::from_slice(&text).ok()?;
        let files = self.wanted.iter().flat_map(|it| [self.certificate(&it.route), self.key(&it.route)]);
        let whole = files.chain([authority(&self.state)]).all(|path| path.is_file());
        let fresh = index.expires > SystemTime::now() + RENEW;
        (whole && fresh && index.identities == self.wanted).then_some(index.fingerprint)
    }

    /// Makes them all. The authority's key is never written: nobody can issue
    /// a certificate that those who trust it would believe.
    pub fn make(&self) -> anyhow::Result<()> {
        self.state.create()?;
        let key = KeyPair::generate().context("cannot make a key")?;
        let params = authority_params();
        let certificate = params.self_signed(&key).context("cannot make the authority's certificate")?;
        replace_private(&authority(&self.state), certificate.pem().as_bytes())?;
        let issuer = Issuer::new(params, key);
        for identity in &self.wanted {
            let key = KeyPair::generate().context("cannot make a key")?;
            let params = leaf_params(identity)?;
            let leaf = params.signed_by(&key, &issuer).context("cannot sign a certificate")?;
            replace_private(&self.key(&identity.route), key.serialize_pem().as_bytes())?;
            replace_private(&self.certificate(&identity.route), leaf.pem().as_bytes())?;
        }
        let now = SystemTime::now();
        let since_epoch = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let index = serde_json::json!({
            "identities": self.wanted,
            "fingerprint": format!("{:x}", since_epoch.as_nanos()),
            "expires": now + VALID,
        });
        replace_private(&self.index_path(), index.to_string().as_bytes())
    }

    /// Removes them, the index first, so that half a set is no set. Says
    /// whether there was one.
    pub fn remove(&self) -> anyhow::Result<bool> {
        let files = self.wanted.iter().flat_map(|it| [self.certificate(&it.route), self.key(&it.route)]);
        let mut any = false;
        for path in [self.index_path(), authority(&self.state)].into_iter().chain(files) {
            match fs::remove_file(&path) {
                Ok(()) => any = true,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot remove `{}`", path.display()));
                }
            }
        }
        Ok(any)
    }

    /// The certificate of a route's stand-in.
    pub fn certificate(&self, route: &str) -> PathBuf {
        self.state.file(&format!("{route}.pem"))
    }

    /// Its key.
    pub fn key(&self, route: &str) -> PathBuf {
        self.state.file(&format!("{route}.key"))
    }

    fn index_path(&self) -> PathBuf {
        self.state.file("certificates.json")
    }
}

/// The authority's certificate, for clients that want to verify.
pub fn authority(state: &StateDir) -> PathBuf {
    state.file("ca.pem")
}

impl Identity {
    /// A catch-all route has no names of its own; it gets one by its route.
    fn new(route: &Route, domain: &str) -> Self {
        let names = route.hosts.iter().map(|host| match host {
            HostPattern::Any => format!("{}.{domain}", route.name),
            named => named.to_string(),
        });
        Self { route: route.name.clone(), names: names.collect() }
    }
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "xtask rehearsal authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params);
    params
}

fn leaf_params(identity: &Identity) -> anyhow::Result<CertificateParams> {
    let params = CertificateParams::new(identity.names.clone());
    let mut params =
        params.with_context(|| format!("cannot name the certificate of `{}`", identity.route))?;
    params.distinguished_name.push(DnType::CommonName, identity.route.as_str());
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params);
    Ok(params)
}

fn set_validity(params: &mut CertificateParams) {
    let now = SystemTime::now();
    params.not_before = (now - SKEW).into();
    params.not_after = (now + VALID).into();
}
