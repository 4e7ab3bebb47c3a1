//! What can be served, and what is said of the rest.

mod certificates;
mod files;
mod keys;
pub mod made;
mod names;

use made::{Files, leaf, profile};
use rcgen::KeyPair;

use super::*;
use crate::failure::{Exit, exit_of};

#[test]
fn what_was_checked_is_what_is_served() {
    let files = Files::new();
    let sandbox = files.check().unwrap();
    assert_eq!(
        (sandbox.scheme().domain().as_str(), sandbox.scheme().has_authority()),
        ("lab.example.com", true)
    );
    let contents = ["cert.pem", "key.pem", "ca.pem"].map(|name| (name, files.read(name)));
    files.write("key.pem", "changed since");
    let served = sandbox.files().into_iter().map(|(name, content)| (name, content.to_owned()));
    assert!(served.eq(contents.into_iter().map(|(name, content)| (name, content.into_bytes()))));
}

#[test]
fn without_an_authority_there_are_two_files() {
    let files = Files::new();
    let (certificate, key) = (files.path("cert.pem"), files.path("key.pem"));
    let request = SandboxRequest { domain: made::DOMAIN.to_owned(), certificate, key, authority: None };
    let sandbox = Sandbox::check_at(&profile("coder", &[]), Path::new("/"), &request, made::now()).unwrap();
    assert!(!sandbox.scheme().has_authority());
    assert_eq!(sandbox.files().len(), 2);
}

#[test]
fn every_problem_is_told_at_once() {
    let files = Files::new();
    files.serve(&leaf(&["lab.example.com"]), &KeyPair::generate().unwrap());
    files.write("key.pem", KeyPair::generate().unwrap().serialize_pem());
    files.write("ca.pem", files.read("cert.pem"));
    let profile = profile("coder", &["sandbox.plugins.sources=plugins"]);
    let error = files.check_for("lab_.example.com.", &profile).unwrap_err();
    assert_eq!(exit_of(&error), Exit::Missing);
    let expected = [
        "`--tls-cert cert.pem` does not cover `lab_.example.com`, `alerting-monitor.lab_.example.com`, \
         `api.lab_.example.com` and 32 more; it is for `lab.example.com`",
        "`--tls-key key.pem` is not the key of `--tls-cert cert.pem`",
        "`--ca ca.pem` holds a certificate, number 1, that is not an authority's",
        "`sandbox.plugins.sources`: `plugins/github.com/DirtyCajunRice/subfilter/.traefik.yml` is not a file; \
         the plug-in's sources go there",
        "`sandbox.plugins.sources`: `plugins/github.com/jamesmcroft/traefik-plugin-rewrite-response-headers/.traefik.yml` \
         is not a file; the plug-in's sources go there",
    ];
    assert_eq!(files.said(&error), expected);
}

#[test]
fn a_wrong_domain_goes_before_unusable_files() {
    let files = Files::new();
    files.write("key.pem", "");
    let error = files.check_for("a..b", &profile("coder", &[])).unwrap_err();
    assert_eq!(exit_of(&error), Exit::Usage);
    let expected =
        ["`--external-domain a..b` is not a domain: it has an empty label", "`--tls-key key.pem` is empty"];
    assert_eq!(files.said(&error), expected);
}

#[test]
fn some_profiles_have_no_sandbox() {
    let files = Files::new();
    for (name, overrides, why) in [
        ("local", &[][..], "profile `local` has no table `[sandbox]`"),
        ("aws", &[], "profile `aws` has no router: its entrance is "),
        ("coder", &["router.engine=embedded"], "the engine `embedded` passes TLS through"),
    ] {
        let error = files.check_for(made::DOMAIN, &profile(name, overrides)).unwrap_err();
        assert!(error.to_string().starts_with(why), "{error}");
        assert_eq!(exit_of(&error), Exit::Usage);
    }
}

#[test]
fn the_key_is_not_shown() {
    let files = Files::new();
    let shown = format!("{:?}", files.check().unwrap());
    let key = files.read("key.pem");
    let secret = key.lines().nth(1).unwrap();
    assert!(!shown.contains(secret) && shown.contains("key.pem"), "{shown}");
    let bytes = format!("{:?}", secret.as_bytes());
    assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
}
