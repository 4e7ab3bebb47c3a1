//! Which certificates are taken, by real handshakes.

mod early;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::{Tls, Trust, Untrusted, failure};
use crate::failure::Failure;

const NAME: &str = "gitea-http.gitea.svc.cluster.local";
const DAY: Duration = Duration::from_hours(24);

type Shown = (CertificateDer<'static>, KeyPair);

fn params(name: &str, is_ca: bool) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, format!("{name} {is_ca}"));
    params.is_ca = if is_ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::ExplicitNoCa };
    params
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = params("authority", true);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn signed(params: &CertificateParams, issuer: &CertifiedIssuer<'static, KeyPair>) -> Shown {
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, issuer).unwrap().der().clone(), key)
}

fn self_signed(params: &CertificateParams) -> Shown {
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().der().clone(), key)
}

/// Shows a certificate.
fn server_config((certificate, key): Shown) -> ServerConfig {
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

/// Answers one request, if the client gets as far as that.
fn serve(shown: Shown) -> (SocketAddr, JoinHandle<()>) {
    let config = server_config(shown);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), socket);
        let mut request = [0; 4096];
        if stream.read(&mut request).is_ok_and(|read| read > 0) {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
            stream.write_all(answer).unwrap();
        }
    });
    (address, served)
}

fn pem(der: &CertificateDer<'_>) -> Vec<u8> {
    let text = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").into_bytes()
}

/// One certificate that was given to be trusted.
fn given(der: &CertificateDer<'_>) -> Trust {
    Trust::of_pem(&pem(der)).unwrap()
}

/// The server's own.
fn exactly(der: &CertificateDer<'_>) -> Trust {
    Trust::exactly(&pem(der)).unwrap()
}

fn agent(trust: &Trust, address: SocketAddr) -> ureq::Agent {
    super::agent(&Tls::new(trust).unwrap(), Some(address), None).unwrap()
}

/// What a client that trusts `trust` has of a server with this certificate.
fn ask(trust: &Trust, shown: Shown) -> Result<String, ureq::Error> {
    let (address, served) = serve(shown);
    let agent = agent(trust, address);
    let answer = agent.get(format!("https://{NAME}/")).call();
    let answer = answer.and_then(|mut answer| answer.body_mut().read_to_string());
    served.join().unwrap();
    answer
}

fn refusal(trust: &Trust, shown: Shown) -> Untrusted {
    let error = ask(trust, shown).unwrap_err();
    let ureq::Error::Io(error) = &error else { panic!("{error}") };
    Untrusted::within(error).unwrap().clone()
}

#[test]
fn one_of_an_authority_is_taken() {
    let authority = authority();
    let shown = signed(&params(NAME, false), &authority);
    assert_eq!(ask(&given(authority.der()), shown).unwrap(), "ok");
    // One that does not say what its key is for, as `openssl` makes them.
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let plain = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let shown = signed(&self::params(NAME, false), &plain);
    assert_eq!(ask(&given(plain.der()), shown).unwrap(), "ok");
}

#[test]
fn a_self_signed_one_is_taken_as_it_is() {
    for is_ca in [false, true] {
        let shown = self_signed(&params(NAME, is_ca));
        for trust in [given(&shown.0), exactly(&shown.0)] {
            let again = (shown.0.clone(), KeyPair::try_from(shown.1.serialize_der()).unwrap());
            assert_eq!(ask(&trust, again).unwrap(), "ok", "CA:{is_ca}");
            // Another of the same name is another.
            let error = refusal(&trust, self_signed(&params(NAME, is_ca)));
            assert_eq!(error, Untrusted::Issuer { issuer: None });
        }
    }
}

#[test]
fn one_of_a_foreign_authority_is_not_taken() {
    let (ours, theirs) = (authority(), authority());
    // They have the same name, as every new cluster's has.
    let error = refusal(&given(ours.der()), signed(&params(NAME, false), &theirs));
    assert!(matches!(&error, Untrusted::Issuer { issuer: Some(issuer) } if issuer.contains("authority")));
    assert!(error.help().contains("--ca"));
}

#[test]
fn a_server_signs_no_others() {
    for is_ca in [false, true] {
        let (trusted, key) = self_signed(&params("authority", is_ca));
        let issuer = rcgen::Issuer::new(params("authority", is_ca), key);
        for trust in [given(&trusted), exactly(&trusted)] {
            let key = KeyPair::generate().unwrap();
            let forged = params(NAME, false).signed_by(&key, &issuer).unwrap().der().clone();
            assert!(matches!(refusal(&trust, (forged, key)), Untrusted::Issuer { .. }), "CA:{is_ca}");
        }
    }
}

#[test]
fn what_is_shown_exactly_is_the_first_of_a_chain_and_signs_nothing() {
    let authority = authority();
    let shown = signed(&params(NAME, false), &authority);
    let chain = Trust::exactly(&[pem(&shown.0), pem(authority.der())].concat()).unwrap();
    let other = signed(&params(NAME, false), &authority);
    assert!(matches!(refusal(&chain, other), Untrusted::Issuer { .. }));
    assert_eq!(ask(&chain, shown).unwrap(), "ok");
}

#[test]
fn the_time_counts_also_for_an_exact_one() {
    let authority = authority();
    let now = SystemTime::now();
    let mut over = params(NAME, false);
    (over.not_before, over.not_after) = ((now - 3 * DAY).into(), (now - DAY).into());
    let mut early = params(NAME, true);
    early.not_before = (now + DAY).into();
    for (mut params, wanted) in [(over, "expired at"), (early, "is not valid before")] {
        let exact = self_signed(&params);
        let trusted = exact.0.clone();
        params.is_ca = IsCa::ExplicitNoCa;
        for error in
            [refusal(&given(&trusted), exact), refusal(&given(authority.der()), signed(&params, &authority))]
        {
            assert!(error.to_string().contains(wanted), "{error}");
        }
    }
}

#[test]
fn the_name_counts_also_for_an_exact_one() {
    let authority = authority();
    let params = params("other.example", false);
    let exact = self_signed(&params);
    let trusted = exact.0.clone();
    for error in
        [refusal(&given(&trusted), exact), refusal(&given(authority.der()), signed(&params, &authority))]
    {
        assert_eq!(
            error.to_string(),
            format!("its certificate is for `other.example`, and not for `{NAME}`")
        );
    }
}

#[test]
fn an_authority_is_no_server() {
    let authority = authority();
    let shown = signed(&params(NAME, true), &authority);
    assert_eq!(refusal(&given(authority.der()), shown), Untrusted::Authority);
}

#[test]
fn what_is_no_certificate_is_said() {
    assert!(Trust::of_pem(b"").unwrap_err().contains("no certificate"));
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(Trust::of_pem(broken.as_bytes()).unwrap_err().contains("is none"));
    assert!(Trust::of_pem(&broken.as_bytes()[..40]).is_err());
}

#[test]
fn a_port_without_tls_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    let error = agent(&given(authority().der()), address).get("https://a/").call().unwrap_err();
    served.join().unwrap();
    let told: Failure = failure("a", &error);
    assert!(told.to_string().contains("`a` cannot be reached"), "{told}");
}
