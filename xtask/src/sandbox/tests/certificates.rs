//! Names, times and uses of certificates.

use proptest::prelude::*;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};

use super::made::{self, Files, HOUR, authority, certificate, leaf, valid, wildcard};

/// What is said of a certificate.
#[track_caller]
fn told(change: impl Fn(&mut CertificateParams), expected: &[&str]) {
    let (files, mut params) = (Files::new(), wildcard());
    change(&mut params);
    files.serve(&params, &KeyPair::generate().unwrap());
    assert_eq!(files.refused(), expected);
}

#[test]
fn times() {
    told(
        |params| valid(params, HOUR, HOUR * 200),
        &["`--tls-cert cert.pem` is not valid before 2027-01-15T09:00:00Z"],
    );
    told(
        |params| valid(params, -HOUR * 2, -HOUR),
        &["`--tls-cert cert.pem` expired at 2027-01-15T07:00:00Z"],
    );
    told(
        |params| valid(params, -HOUR, HOUR * 5),
        &["`--tls-cert cert.pem` ends in 5 h, at 2027-01-15T13:00:00Z; it takes more than a day"],
    );
}

#[test]
fn times_of_the_rest_of_the_chain() {
    let files = Files::new();
    let mut old = authority();
    valid(&mut old, -HOUR * 2, -HOUR);
    let old = certificate(&old, &KeyPair::generate().unwrap()).pem();
    files.write("cert.pem", files.read("cert.pem") + &old);
    files.write("ca.pem", files.read("ca.pem") + &old);
    let expected = [
        "`--tls-cert cert.pem` has a certificate, number 2, that expired at 2027-01-15T07:00:00Z",
        "`--ca ca.pem` holds a certificate, number 2, that expired at 2027-01-15T07:00:00Z",
    ];
    assert_eq!(files.refused(), expected);
}

#[test]
fn uses() {
    let client = "`--tls-cert cert.pem` is not for servers: its extended key usage has no `serverAuth`";
    told(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth], &[client]);
    for usages in [vec![], vec![ExtendedKeyUsagePurpose::Any]] {
        let (files, mut params) = (Files::new(), wildcard());
        params.extended_key_usages = usages;
        files.serve(&params, &KeyPair::generate().unwrap());
        files.check().unwrap();
    }
}

#[test]
fn every_name_is_covered() {
    let names = |names: &[&str]| {
        let files = Files::new();
        files.serve(&leaf(names), &KeyPair::generate().unwrap());
        files
    };
    let expected = "`--tls-cert cert.pem` does not cover `lab.example.com`; it is for `*.lab.example.com`";
    assert_eq!(names(&["*.lab.example.com"]).refused(), [expected]);
    let expected = "`--tls-cert cert.pem` does not cover `alerting-monitor.lab.example.com`, `api.lab.example.com`, \
                    `app-orch.lab.example.com` and 31 more; it is for `lab.example.com`, `*.example.com`";
    assert_eq!(names(&["lab.example.com", "*.example.com"]).refused(), [expected]);
    // Without a wildcard, but with every name.
    let all = made::profile("coder", &[]).listed_hosts().to_vec();
    let all: Vec<String> =
        all.iter().map(|host| host.to_string().replace("kind.internal", made::DOMAIN)).collect();
    names(&all.iter().map(String::as_str).collect::<Vec<_>>()).check().unwrap();
}

#[test]
fn the_subject_is_no_name() {
    told(
        |params| {
            params.subject_alt_names.clear();
            params.distinguished_name.push(DnType::CommonName, "*.lab.example.com");
        },
        &["`--tls-cert cert.pem` does not cover `lab.example.com`, `alerting-monitor.lab.example.com`, \
           `api.lab.example.com` and 32 more; it has no DNS names"],
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn more_than_a_day_is_enough(left in 0..200_000_i64) {
        let (files, mut params) = (Files::new(), wildcard());
        valid(&mut params, -HOUR, left);
        files.serve(&params, &KeyPair::generate().unwrap());
        prop_assert_eq!(files.check().is_ok(), left > 86_400);
    }
}
