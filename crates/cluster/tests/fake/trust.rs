//! Certificates, theirs and ours, that are not what they should be.

use cluster::{Cluster, Error, Seen};
use fake_kube::{FakeKube, Options, Tls};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType, date_time_ymd};

use crate::support::{Kubeconfig, service_wanted, trouble, until};

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

    fn pem(&self) -> String {
        self.params.self_signed(&self.key).unwrap().pem()
    }

    fn file(&self, folder: &std::path::Path) -> String {
        let file = folder.join("ca.crt");
        std::fs::write(&file, self.pem()).unwrap();
        format!("certificate-authority: \"{}\"", file.display())
    }

    /// A server with a certificate for 127.0.0.1, changed so.
    fn server(&self, change: impl Fn(&mut CertificateParams)) -> Options {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::IpAddress("127.0.0.1".parse().unwrap())];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap();
        let tls = Tls { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() };
        Options { tls: Some(tls), ..Options::default() }
    }
}

async fn open(kube: &FakeKube, cluster: &str) -> Cluster {
    Kubeconfig::new(kube.url(), cluster, "token: x").open().await.unwrap()
}

/// Why the server is not trusted by one that trusts `authority`.
async fn distrust(server: Options, authority: &Authority) -> String {
    let folder = tempfile::tempdir().unwrap();
    let kube = FakeKube::start_with(server).unwrap();
    let error = trouble(&open(&kube, &authority.file(folder.path())).await).await;
    let Error::Untrusted { server, reason } = error else { panic!("{error:?}") };
    assert_eq!(server, kube.url());
    assert!(kube.requests().is_empty());
    reason
}

#[tokio::test]
async fn is_trusted_with_the_right_authority_or_none_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Authority::new("kubernetes");
    let kube = FakeKube::start_with(ours.server(|_| {})).unwrap();
    for cluster in [ours.file(folder.path()), "insecure-skip-tls-verify: true".into()] {
        let mut seen = open(&kube, &cluster).await.watch(&service_wanted());
        let seen = until(&mut seen, Seen::is_complete).await;
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
    let asking = Options { client_authority_pem: Some(ours.pem()), ..ours.server(|_| {}) };
    let reason = distrust(asking, &ours).await;
    assert_eq!(reason, "it does not accept our certificate");
}
