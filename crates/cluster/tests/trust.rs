//! Certificates, theirs and ours, that are not what they should be.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::sync::Arc;

use cluster::{Cluster, Error};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType, date_time_ymd};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use support::objects::list;
use support::script::{Answer, Api};
use support::{Kubeconfig, PATIENCE, service_wanted, trouble};

struct Authority {
    params: CertificateParams,
    key: KeyPair,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { params, key: KeyPair::generate().unwrap() }
    }

    fn file(&self, folder: &std::path::Path) -> String {
        let file = folder.join("ca.crt");
        std::fs::write(&file, self.params.self_signed(&self.key).unwrap().pem()).unwrap();
        format!("certificate-authority: \"{}\"", file.display())
    }

    /// A server's configuration with a certificate for 127.0.0.1, changed so.
    fn server(&self, change: impl Fn(&mut CertificateParams)) -> TlsAcceptor {
        self.configure(change, false)
    }

    fn configure(&self, change: impl Fn(&mut CertificateParams), ask_client: bool) -> TlsAcceptor {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::IpAddress("127.0.0.1".parse().unwrap())];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder();
        let config = if ask_client {
            let mut roots = RootCertStore::empty();
            roots.add(self.params.self_signed(&self.key).unwrap().der().clone()).unwrap();
            config.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
        } else {
            config.with_no_client_auth()
        };
        Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap()).into()
    }
}

async fn start(tls: TlsAcceptor) -> Api {
    Api::start_with(Some(tls), |asked| if asked.watch { Answer::Hold(vec![]) } else { list(&[]) }).await
}

async fn open(api: &Api, cluster: &str) -> Cluster {
    let kubeconfig = Kubeconfig::new(&api.url().replace("http:", "https:"), cluster, "token: x");
    Cluster::open(&kubeconfig.access()).await.unwrap()
}

/// Why the server is not trusted by one that trusts `authority`.
async fn distrust(tls: TlsAcceptor, authority: &Authority) -> String {
    let folder = tempfile::tempdir().unwrap();
    let api = start(tls).await;
    let error = trouble(&open(&api, &authority.file(folder.path())).await).await;
    let Error::Untrusted { server, reason } = error else { panic!("{error:?}") };
    assert_eq!(server, api.url().replace("http:", "https:"));
    reason
}

#[tokio::test]
async fn is_trusted_with_the_right_authority_or_none_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Authority::new("kubernetes");
    let api = start(ours.server(|_| {})).await;
    for cluster in [ours.file(folder.path()), "insecure-skip-tls-verify: true".into()] {
        let mut seen = open(&api, &cluster).await.watch(&service_wanted());
        let seen = support::until(&mut seen, cluster::Seen::is_complete).await;
        assert_eq!(seen.trouble(), None);
    }
}

#[tokio::test]
async fn tells_what_is_wrong_with_their_certificate() {
    let ours = Authority::new("kubernetes");
    let expired = ours.server(|params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    assert_eq!(distrust(expired, &ours).await, "its certificate has expired");
    let future = ours.server(|params| params.not_before = date_time_ymd(2999, 1, 1));
    assert_eq!(
        distrust(future, &ours).await,
        "its certificate is not valid yet, or the clock of this machine is wrong"
    );
    let other_name = ours.server(|params| {
        params.subject_alt_names = vec![SanType::DnsName("other.example".try_into().unwrap())];
    });
    assert_eq!(distrust(other_name, &ours).await, "its certificate is for another name");
}

#[tokio::test]
async fn tells_a_foreign_authority_also_by_the_same_name() {
    let ours = Authority::new("kubernetes");
    for foreign in ["kubernetes", "another"] {
        let server = Authority::new(foreign).server(|_| {});
        let reason = distrust(server, &ours).await;
        assert_eq!(reason, "its certificate is signed by an authority that the kubeconfig does not name");
    }
}

#[tokio::test]
async fn tells_when_ours_is_not_accepted() {
    let ours = Authority::new("kubernetes");
    let asking = ours.configure(|_| {}, true);
    let reason = tokio::time::timeout(PATIENCE, distrust(asking, &ours)).await.unwrap();
    assert_eq!(reason, "it does not accept our certificate");
}
