//! `tarball pull`, from a registry that is not as it should be.

use fake_gitea::Certificate;

use crate::artifact::{Artifact, BLOBS, Bed, MANIFESTS, manifest, unknown};
use crate::fake::Answer;
use crate::repository::NAME;

#[test]
fn another_part_than_was_asked_for_is_refused() {
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| match request.from() {
        Some(_) => Answer::status(206).header("content-range", "bytes 3-9/10").body("0123456"),
        None => artifact.answer(request),
    });
    bed.checkout.write(&format!("out/{NAME}.part"), "beginning");
    let ran = bed.pull().run().exits(1).stdout("");
    assert!(ran.errors().contains("gives another part than was asked for"), "{}", ran.errors());
}

#[test]
fn what_is_not_what_it_should_be_is_removed() {
    for (body, said) in [
        (vec![0; 1_200_000], "so it was removed\n"),
        (vec![0; 1_200_001], "sends more than the 1200000 bytes it promised\n"),
    ] {
        let artifact = Artifact::new();
        let bed = Bed::new(move |request| {
            if request.path.starts_with(BLOBS) { Answer::ok(body.clone()) } else { artifact.answer(request) }
        });
        let ran = bed.pull().run().exits(1).stdout("");
        assert!(ran.errors().contains(said), "{}", ran.errors());
        assert!(bed.left().is_empty(), "{:?}", bed.left());
    }
}

#[test]
fn redirects_that_lead_astray_are_not_followed() {
    for location in [
        "http://registry.example/x",
        "ftp://127.0.0.1/x",
        "https://me:pw@127.0.0.1/x",
        "x",
        "file:///etc/passwd",
    ] {
        let bed = Bed::new(move |_| Answer::status(302).header("location", location));
        let ran = bed.pull().run().exits(1).stdout("");
        assert!(ran.errors().contains("leads to an address that is not followed\n"), "{}", ran.errors());
        assert!(!ran.errors().contains("pw"), "{}", ran.errors());
    }
    let bed = Bed::new(|request| Answer::status(302).header("location", request.path.clone()));
    let ran = bed.pull().run().exits(1).stdout("");
    assert!(ran.errors().contains("leads elsewhere more than 5 times\n"), "{}", ran.errors());
    assert_eq!(bed.registry.requests().len(), 6);
}

#[test]
fn what_is_not_there_is_told_apart() {
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| artifact.answer(request));
    let address = bed.registry.address;
    let repository = "edge-orch/common/files/orchestrator";
    bed.call("pull --version 3.1.1").run().exits(3).stdout("").stderr(format!(
        "error: `{address}/{repository}/cloudfull` has no `3.1.1`; did you mean `3.1.0`?\n\
         help: `cargo xtask tarball list` shows what is published\n"
    ));
    let ran = bed.call("pull --version 3.1.0 --variant onpremFull").run().exits(3).stdout("");
    let said = format!(
        "error: `{address}` has no repository `{repository}/onpremfull`: MANIFEST_UNKNOWN: it is unknown\nhelp: check `--variant` and "
    );
    assert!(ran.errors().starts_with(&said), "{}", ran.errors());
    let listed = bed.call("list --registry-repository absent").run().exits(3).stdout("");
    assert!(listed.errors().contains("has no repository `absent/cloudfull`: "), "{}", listed.errors());
    for (status, exit, said) in [
        (403, 3, "does not let us have"),
        (429, 3, "has had too many requests"),
        (500, 3, "failed with 500"),
        (418, 1, "answered 418"),
    ] {
        let bed = Bed::new(move |_| Answer::status(status).header("retry-after", "7"));
        let ran = bed.pull().run().exits(exit).stdout("");
        assert!(ran.errors().contains(said), "{status}: {}", ran.errors());
    }
}

#[test]
fn odd_manifests_are_told() {
    let two = manifest(&[("a.tgz", b"a"), ("b.tgz", b"b")]).to_string();
    let none = manifest(&[("README.md", b"a")]).to_string();
    let huge = manifest(&[("a.tgz", b"a")]).to_string().replace("\"size\":1", "\"size\":99999999999999");
    for (text, said) in [
        ("<html>".to_owned(), "is no manifest"),
        ("x".repeat((4 << 20) + 1), "has more than 4194304 bytes"),
        (two, "holds several tarballs: `a.tgz`, `b.tgz`"),
        (none, "holds no file `*.tgz`, but 1 others: `README.md`"),
        (huge, "more than the 2147483648 that a release may hold"),
    ] {
        let bed = Bed::new(move |_| Answer::ok(text.clone()));
        let ran = bed.pull().run().exits(1).stdout("");
        assert!(ran.errors().contains(said), "{said}: {}", ran.errors());
    }
    let artifact = Artifact::new();
    let changed = Bed::new(move |request| {
        let answer = artifact.answer(request);
        if request.path.starts_with(MANIFESTS) { answer.body(manifest(&[]).to_string()) } else { answer }
    });
    let ran = changed.pull().run().exits(1).stdout("");
    assert!(ran.errors().contains(" has the digest sha256:"), "{}", ran.errors());
}

#[test]
fn no_title_leads_out_of_the_folder() {
    let content = b"content".to_vec();
    for (title, name) in [("../../out.tgz", NAME), ("/etc/x.tgz", NAME), (&*format!("../../{NAME}"), NAME)] {
        let (text, content) = (manifest(&[(title, &content)]).to_string(), content.clone());
        let bed = Bed::new(move |request| {
            if request.path.starts_with(BLOBS) {
                Answer::ok(content.clone())
            } else {
                Answer::ok(text.clone())
            }
        });
        bed.pull().run().exits(0);
        assert_eq!(bed.left(), [name]);
    }
}

#[test]
fn wrong_words_are_refused() {
    let bed = Bed::new(|_| unknown("NAME_UNKNOWN"));
    for words in [
        "pull",
        "pull --version ../x",
        "pull --version 1+2",
        "pull --digest sha256:12",
        "pull --version 1 --digest x",
        "list --registry-repository A",
        "list --registry-repository ../x",
    ] {
        bed.call(words).run().exits(2).stdout("");
    }
    assert!(bed.registry.requests().is_empty());
    let far = ["tarball", "list", "--registry", "registry.example", "--registry-plain-http"];
    bed.checkout.xtask(far).run().exits(2).stdout("").stderr(
        "error: `registry.example` is not this machine, so it is not spoken to without TLS\n\
         help: leave `--registry-plain-http` out\n",
    );
}

#[test]
fn what_is_no_registry_is_told_before_anything_is_asked() {
    let bed = Bed::new(|_| Answer::status(200));
    for (registry, why) in [
        ("http://registry.example", "it is an address"),
        ("registry.example:99999", "its port is not a number of 1 to 65535"),
        ("registry.example/x/y", "it goes on behind the host"),
        ("regi\x1bstry", "it has no name that a host can have"),
        ("..", "it has no name that a host can have"),
    ] {
        let ran = bed.checkout.xtask(["tarball", "list", "--registry", registry]).run().exits(2).stdout("");
        let said = format!("` is not a registry: {why}\nhelp: name its `host` or `host:port`");
        assert!(ran.errors().contains(&said) && !ran.errors().contains('\x1b'), "{}", ran.errors());
    }
    let ran =
        bed.checkout.xtask(["tarball", "list", "--registry", "me:hush@registry.example"]).run().exits(2);
    assert!(!ran.errors().contains("hush") && ran.errors().contains("help: "), "{}", ran.errors());
}

#[test]
fn a_file_that_is_named_must_be_there_and_hold_what_it_should() {
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| artifact.answer(request));
    bed.checkout.write("empty.pem", "no certificate");
    // What is beyond the limit could be a certificate, too.
    let long = format!("{}{}", Certificate::signed().authority_pem(), "\n".repeat(1 << 20));
    bed.checkout.write("long.pem", &long);
    for (flag, file, said) in [
        ("--registry-credentials", "absent", "cannot read the credentials in `absent`"),
        ("--registry-credentials", ".", "cannot read the credentials in `.`"),
        ("--registry-ca", "absent", "cannot read `absent` of `--registry-ca`"),
        ("--registry-ca", "empty.pem", "`empty.pem` of `--registry-ca` holds no certificate in PEM"),
        ("--registry-ca", "long.pem", "`long.pem` of `--registry-ca` holds more than 1 MiB"),
    ] {
        let ran = bed.call(&format!("list {flag} {file}")).run().exits(2).stdout("");
        assert!(ran.errors().contains(said) && ran.errors().contains("\nhelp: "), "{}", ran.errors());
    }
    assert!(bed.registry.requests().is_empty());
}

#[test]
fn the_limit_that_a_tarball_is_beyond_is_named() {
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| artifact.answer(request));
    let ran = bed.call("pull --version 3.1.0 --max-total-mib 1").run().exits(1).stdout("");
    let said = "error: the tarball has 1200000 bytes, more than the 1048576 that a release may hold\n\
                help: raise it with `--max-total-mib` if the release is meant to be so\n";
    ran.stderr(said);
    // A command without flags for them has those of the profile.
    let profile = bed.checkout.read("profiles/onprem.toml");
    assert!(profile.contains("total_mib = 2048"));
    let small = profile.replace("total_mib = 2048", "total_mib = 1").replace("onpremFull", "cloudFull");
    bed.checkout.write("profiles/onprem.toml", &small);
    let words = format!(
        "gitea package --profile onprem --version 3.1.0 --registry {} --registry-plain-http",
        bed.registry.address
    );
    let ran = bed.checkout.xtask(words.split_whitespace()).run().exits(1).stdout("");
    let help = "help: raise `gitea.limits.total_mib` in the profile if the release is meant to be so\n";
    assert!(ran.errors().ends_with(help), "{}", ran.errors());
}

#[test]
fn a_registry_that_does_not_run_is_told() {
    let bed = Bed::new(|_| Answer::status(200));
    // Port 1 has nobody on it.
    let words = ["tarball", "list", "--registry", "127.0.0.1:1", "--registry-plain-http"];
    bed.checkout
        .xtask(words)
        .run()
        .exits(3)
        .stdout("")
        .stderr("error: `127.0.0.1:1` cannot be reached: connection refused\nhelp: [..]\n");
}
