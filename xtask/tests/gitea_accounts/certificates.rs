//! Each certificate that Gitea may show.

use fake_gitea::{ADMIN, ADMIN_PASSWORD, Certificate};

use crate::bed::Bed;

fn bed(certificate: Certificate) -> Bed {
    let bed = Bed::with(certificate);
    bed.secret("admin-gitea-credential", &[("username", ADMIN), ("password", ADMIN_PASSWORD)]);
    bed
}

#[track_caller]
fn refused(bed: &Bed, told: &str) {
    let ran = bed.run("").exits(3).stdout("");
    assert!(ran.errors().contains("cannot be trusted: ") && ran.errors().contains(told), "{}", ran.errors());
    assert_eq!(bed.changes(), 0);
    assert!(bed.gitea.requests().is_empty(), "no password was sent");
}

#[test]
fn one_of_the_authority_in_the_secret_is_taken() {
    bed(Certificate::signed()).run("").exits(0);
}

#[test]
fn the_self_signed_one_that_calls_itself_an_authority_is_taken_if_it_is_exactly_that() {
    let certificate = Certificate::self_signed_authority();
    let bed = bed(certificate.clone());
    // As it comes with Gitea: the secret holds no authority.
    bed.certificate("tls.crt", certificate.leaf_pem());
    bed.run("").exits(0);
    bed.certificate("tls.crt", Certificate::self_signed_authority().leaf_pem());
    let ran = bed.run("").exits(3);
    assert!(ran.errors().contains("is signed by itself, and is not one that is trusted"), "{}", ran.errors());
}

#[test]
fn what_the_servers_own_has_signed_is_not_taken() {
    let own = Certificate::self_signed_authority();
    let bed = bed(own.misused());
    bed.certificate("tls.crt", own.leaf_pem());
    let told = "its certificate is signed by `CN=gitea`, which is not trusted";
    refused(&bed, told);
    // Nor where somebody names it.
    bed.checkout.write("own.pem", own.leaf_pem());
    let ran = bed.run("--ca own.pem").exits(3);
    assert!(ran.errors().contains(told) && bed.gitea.requests().is_empty(), "{}", ran.errors());
}

#[test]
fn the_servers_own_is_enough() {
    let certificate = Certificate::signed();
    let bed = bed(certificate.clone());
    bed.certificate("tls.crt", certificate.leaf_pem());
    bed.run("").exits(0);
}

#[test]
fn one_that_has_expired_is_not_taken() {
    refused(&bed(Certificate::expired()), "its certificate expired at 2021-01-01T00:00:00Z");
}

#[test]
fn one_for_another_name_is_not_taken() {
    let told = "its certificate is for `other.example`, and not for `gitea-http.gitea.svc.cluster.local`";
    refused(&bed(Certificate::for_name("other.example")), told);
}

#[test]
fn one_of_another_authority_is_not_taken() {
    let bed = bed(Certificate::signed());
    bed.certificate("ca.crt", Certificate::signed().authority_pem());
    refused(&bed, "its certificate is signed by `CN=authority of a fake Gitea`, which is not trusted");
}

#[test]
fn a_file_wins_over_the_secret() {
    let certificate = Certificate::signed();
    let bed = bed(certificate.clone());
    bed.certificate("ca.crt", Certificate::signed().authority_pem());
    bed.checkout.write("ca.pem", certificate.authority_pem());
    bed.run("--ca ca.pem").exits(0);
    bed.checkout.write("ca.pem", "no certificate");
    bed.run("--ca ca.pem")
        .exits(2)
        .stderr("error: `ca.pem` of `--ca` holds no certificate in PEM\nhelp: [..]\n");
    bed.run("--ca absent.pem").exits(2);
}

#[test]
fn a_secret_without_one_is_told() {
    let bed = bed(Certificate::signed());
    bed.certificate("other", "x");
    let ran = bed.run("").exits(3);
    assert!(ran.errors().contains("has neither `ca.crt` nor `tls.crt`"), "{}", ran.errors());
    bed.kube.delete("Secret", "gitea", "gitea-tls-certs");
    let ran = bed.run("").exits(3);
    assert!(
        ran.errors().contains("secret `gitea/gitea-tls-certs` with Gitea's certificate"),
        "{}",
        ran.errors()
    );
}
