//! Certificates, good and bad. The test's own client could not use them.

use fake_gitea::{ADMIN, ADMIN_PASSWORD, Certificate, FakeGitea, Options};

use crate::support::{Checkout, Ran};

const VERBS: [&str; 3] = ["seed --tree release-sample", "verify --tree release-sample", "status"];

/// A server with a certificate, and a checkout.
struct Served {
    gitea: FakeGitea,
    checkout: Checkout,
}

impl Served {
    fn with(certificate: Certificate) -> Self {
        let options = Options { certificate: Some(certificate), ..Options::default() };
        let gitea = FakeGitea::start_with(options).unwrap();
        let checkout = Checkout::new();
        checkout.write("password", ADMIN_PASSWORD);
        Self { gitea, checkout }
    }

    /// A verb with nothing but this certificate to trust.
    #[track_caller]
    fn run(&self, verb: &str, trusted: &str) -> Ran {
        self.checkout.write("ca.pem", trusted);
        let words = format!(
            "gitea {verb} --profile coder --url {} --ca ca.pem --password-file password --set \
             gitea.repository={ADMIN}/infra",
            self.gitea.url()
        );
        let ran = self.checkout.xtask(words.split_whitespace()).run();
        assert!(!ran.text().contains(ADMIN_PASSWORD) && !ran.errors().contains(ADMIN_PASSWORD));
        ran
    }

    /// Every verb refuses it with these words, and has not said one to it.
    #[track_caller]
    fn is_not_trusted(&self, trusted: &str, told: &str) {
        let before = self.gitea.requests().len();
        for verb in VERBS {
            let ran = self.run(verb, trusted).exits(3).stdout("");
            let errors = ran.errors();
            assert!(errors.contains("cannot be trusted") && errors.contains(told), "not `{told}`: {errors}");
            assert!(errors.contains("help: "), "{errors}");
        }
        assert_eq!(self.gitea.requests().len(), before);
    }
}

#[test]
fn one_that_signed_itself_is_trusted_if_it_is_given() {
    let certificate = Certificate::self_signed_authority();
    let served = Served::with(certificate.clone());
    for verb in VERBS {
        served.run(verb, certificate.leaf_pem()).exits(0);
    }
    assert!(served.gitea.head(&format!("{ADMIN}/infra"), "main").is_some());
    served.is_not_trusted(Certificate::self_signed_authority().leaf_pem(), "");
    served.is_not_trusted(Certificate::signed().authority_pem(), "");
}

#[test]
fn one_that_has_expired_is_told() {
    let certificate = Certificate::expired();
    Served::with(certificate.clone()).is_not_trusted(certificate.authority_pem(), "expired");
}

#[test]
fn one_for_another_name_is_told() {
    let certificate = Certificate::for_name("elsewhere.invalid");
    Served::with(certificate.clone()).is_not_trusted(certificate.authority_pem(), "`elsewhere.invalid`");
}

#[test]
fn one_of_another_authority_is_told() {
    Served::with(Certificate::signed()).is_not_trusted(Certificate::signed().authority_pem(), "authority");
}
