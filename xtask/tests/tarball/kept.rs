//! What is fetched serves again while the registry is away.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::artifact::{Artifact, Bed, VERSION, digest, manifest};
use crate::fake::{Answer, Fake};
use crate::repository::{NAME, Repository};
use crate::support::Ran;

/// A registry that answers with a status of its own once it is told to.
struct Moody {
    repository: Repository,
    registry: Fake,
    status: Arc<AtomicU16>,
    content: Vec<u8>,
}

impl Moody {
    fn new() -> Self {
        let repository = Repository::new();
        repository.build("").run().exits(0);
        let content = fs::read(repository.out(NAME)).unwrap();
        let text = manifest(&[(NAME, &content)]).to_string();
        let artifact = Artifact { content: content.clone(), manifest: text.into_bytes() };
        let status = Arc::new(AtomicU16::new(0));
        let told = Arc::clone(&status);
        let registry = Fake::new(move |request| match told.load(Ordering::SeqCst) {
            0 => artifact.answer(request),
            status => Answer::status(status),
        });
        Self { repository, registry, status, content }
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn call(&self, words: &str) -> Ran {
        let words = format!("{words} --registry {} --registry-plain-http", self.registry.address);
        self.repository.checkout.xtask(words.split_whitespace()).run()
    }

    /// Where it is kept.
    fn kept(&self) -> std::path::PathBuf {
        let folder = digest(&self.content).replace("sha256:", "");
        self.repository.checkout.root().join(".xtask/tarballs").join(folder).join(NAME)
    }
}

#[test]
fn a_release_is_seeded_while_the_registry_is_away() {
    let moody = Moody::new();
    moody.call(&format!("tarball pull --version {VERSION}")).exits(0).stderr("");
    moody.answers(503);
    let seed = format!("gitea seed --version {VERSION} --profile local");
    let ran = moody.call(&seed).exits(0);
    let told = format!(
        "warning: `{}` failed with 503 Service Unavailable for `edge-orch/common/files/orchestrator/cloudfull`, \
         `{VERSION}`; the tarball that was fetched before is used, {}: another may have been published since\n",
        moody.registry.address,
        digest(&moody.content),
    );
    assert!(ran.errors().contains(&told), "{}", ran.errors());
    let again = moody.call(&format!("{seed} --format json")).exits(0).json();
    assert_eq!(again["digest"].as_str().unwrap(), digest(&moody.content).replace("sha256:", ""));
    let ran = moody.call(&format!("tarball pull --version {VERSION}")).exits(0);
    assert!(ran.text().contains(": was there already\n") && ran.errors().contains(&told), "{}", ran.errors());
    // Nothing more is said once it can be asked again.
    moody.answers(0);
    moody.call(&format!("tarball pull --version {VERSION}")).exits(0).stderr("");
}

#[test]
fn what_the_registry_takes_back_does_not_serve() {
    let moody = Moody::new();
    let pull = format!("tarball pull --version {VERSION}");
    moody.call(&pull).exits(0);
    for status in [401, 403, 404] {
        moody.answers(status);
        moody.call(&pull).exits(3).stdout("");
    }
}

#[test]
fn what_is_not_kept_as_it_was_or_by_another_name_does_not_serve() {
    let moody = Moody::new();
    moody.call(&format!("tarball pull --version {VERSION}")).exits(0);
    moody.answers(503);
    let ran = moody.call("tarball pull --version 3.0.9").exits(3).stdout("");
    assert!(ran.errors().contains("failed with 503"), "{}", ran.errors());
    moody.call(&format!("tarball pull --version {VERSION} --registry-repository other")).exits(3).stdout("");
    fs::write(moody.kept(), "damaged").unwrap();
    moody.call(&format!("tarball pull --version {VERSION}")).exits(3).stdout("");
}

#[test]
fn a_registry_that_does_not_answer_is_away() {
    let moody = Moody::new();
    let pull = format!(
        "tarball pull --version {VERSION} --format json --registry {} --registry-plain-http",
        moody.registry.address
    );
    let Moody { repository, registry, .. } = moody;
    let call = || repository.checkout.xtask(pull.split_whitespace()).run();
    call().exits(0);
    drop(registry);
    let ran = call().exits(0);
    assert_eq!(ran.json()["already"], true);
    assert!(
        ran.errors().contains("; the tarball that was fetched before is used, sha256:"),
        "{}",
        ran.errors()
    );
}

/// What the manifest of the only release is asked for by.
fn manifest_digest(moody: &Moody) -> String {
    digest(manifest(&[(NAME, &moody.content)]).to_string().as_bytes())
}

#[test]
fn what_was_fetched_by_its_digest_is_that_for_ever() {
    let moody = Moody::new();
    let pull = format!("tarball pull --digest {}", manifest_digest(&moody));
    moody.call(&pull).exits(0);
    moody.answers(503);
    let ran = moody.call(&pull).exits(0);
    let told = format!("; the tarball that was fetched before is used, {}\n", digest(&moody.content));
    assert!(ran.errors().contains(&told), "{}", ran.errors());
}

#[test]
fn the_limits_are_those_of_one_that_is_fetched() {
    let artifact = Artifact::new();
    let is_away = Arc::new(AtomicU16::new(0));
    let told = Arc::clone(&is_away);
    let bed = Bed::new(move |request| match told.load(Ordering::SeqCst) {
        0 => artifact.answer(request),
        status => Answer::status(status),
    });
    let pull = format!("pull --version {VERSION}");
    bed.call(&pull).run().exits(0);
    for status in [0, 503] {
        is_away.store(status, Ordering::SeqCst);
        let ran = bed.call(&format!("{pull} --max-total-mib 1")).run().exits(1).stdout("");
        let said = "error: the tarball has 1200000 bytes, more than the 1048576 that a release may hold\n";
        assert!(ran.errors().contains(said), "{}", ran.errors());
    }
}

#[test]
fn a_folder_gets_what_was_fetched_before() {
    for first in ["--output here", ""] {
        let moody = Moody::new();
        let pull = format!("tarball pull --version {VERSION}");
        moody.call(&format!("{pull} {first}")).exits(0).stderr("");
        moody.answers(503);
        let out = moody.repository.checkout.root().join("here").join(NAME);
        if first.is_empty() {
            let ran = moody.call(&format!("{pull} --output here --dry-run")).exits(0);
            assert!(!out.exists() && ran.text().contains("copy `.xtask/tarballs/"), "{}", ran.text());
        }
        let ran = moody.call(&format!("{pull} --output here")).exits(0);
        assert!(ran.text().starts_with("here/") && ran.text().contains(NAME), "{}", ran.text());
        assert_eq!(fs::read(&out).unwrap(), moody.content);
        fs::write(&out, "damaged").unwrap();
        moody.call(&format!("{pull} --output here")).exits(if first.is_empty() { 0 } else { 3 });
    }
}

#[test]
fn what_cannot_be_kept_in_mind_is_fetched_all_the_same() {
    let moody = Moody::new();
    moody.repository.checkout.write(".xtask/tarballs/references", "no folder");
    let ran = moody.call(&format!("tarball pull --version {VERSION}")).exits(0);
    assert!(ran.errors().starts_with("warning: cannot create the state directory `"), "{}", ran.errors());
    assert!(moody.kept().is_file());
}
