//! `tarball pull`, from a registry with faults.

use std::fs;

use serde_json::json;

use crate::artifact::{Artifact, BLOBS, Bed, MANIFESTS, VERSION, digest, manifest, unknown};
use crate::fake::{Answer, Fake};
use crate::repository::NAME;

#[test]
fn a_version_is_fetched_once() {
    let artifact = Artifact::new();
    let bed = Bed::new({
        let artifact = artifact.clone();
        move |request| artifact.answer(request)
    });
    let size = artifact.content.len();
    let sum = digest(&artifact.content).replace("sha256:", "");
    bed.pull().run().exits(0).stderr("").stdout(format!("out/{NAME}: {size} bytes fetched\nsha256 {sum}\n"));
    assert_eq!(fs::read(bed.out(NAME)).unwrap(), artifact.content);
    assert_eq!(bed.left(), [NAME]);
    bed.pull().run().exits(0).stdout(format!("out/{NAME}: was there already\nsha256 {sum}\n"));
    assert_eq!(bed.registry.asked(BLOBS).len(), 1);
    // Without a folder it is kept by its digest; the manifest's names it as well.
    let by_digest = format!("pull --digest {} --format json", digest(&artifact.manifest));
    let pulled = bed.call(&by_digest).run().exits(0).json();
    let kept = format!("{}/.xtask/tarballs/{sum}/{NAME}", bed.checkout.root().display());
    assert_eq!((&pulled["file"], &pulled["already"]), (&json!(kept), &json!(false)));
    assert_eq!(bed.call(&by_digest).run().exits(0).json()["already"], true);
    assert_eq!(bed.registry.asked(BLOBS).len(), 2);
}

#[test]
fn a_dry_run_asks_and_fetches_nothing() {
    let artifact = Artifact::new();
    let size = artifact.content.len();
    let bed = Bed::new(move |request| artifact.answer(request));
    let ran = bed.call(&format!("pull --version {VERSION} --output out --dry-run")).run().exits(0);
    let address = bed.registry.address;
    ran.stdout(format!(
        "would fetch {size} bytes of `{address}/edge-orch/common/files/orchestrator/cloudfull` to `out/{NAME}`\n"
    ));
    assert_eq!((bed.left().len(), bed.registry.asked(BLOBS).len()), (0, 0));
}

#[test]
fn what_was_cut_goes_on_where_it_ended() {
    let artifact = Artifact::new();
    let (size, content) = (artifact.content.len(), artifact.content.clone());
    let bed = Bed::new(move |request| {
        let answer = artifact.answer(request);
        if request.path.starts_with(BLOBS) && request.from().unwrap_or(0) < 900_000 {
            answer.cut(500_000)
        } else {
            answer
        }
    });
    for have in [500_000, 1_000_000] {
        let ran = bed.pull().run().exits(3).stdout("");
        let said = format!("error: the transfer ended after {have} of {size} bytes\n");
        assert!(
            ran.errors().contains(&said) && ran.errors().contains("help: run it again: "),
            "{}",
            ran.errors()
        );
        assert_eq!(bed.left(), [format!("{NAME}.part")]);
    }
    let ran = bed.pull().run().exits(0);
    assert!(ran.text().contains(": 200000 bytes fetched, after 1000000 from before\n"), "{}", ran.text());
    assert_eq!(fs::read(bed.out(NAME)).unwrap(), content);
    assert_eq!(bed.left(), [NAME]);
    let begun: Vec<_> = bed.registry.asked(BLOBS).iter().map(crate::fake::Request::from).collect();
    assert_eq!(begun, [None, Some(500_000), Some(1_000_000)]);
}

#[test]
fn a_registry_that_gives_all_or_nothing_begins_anew() {
    for status in [200, 416] {
        let artifact = Artifact::new();
        let content = artifact.content.clone();
        let bed = Bed::new(move |request| match request.from() {
            Some(_) if status == 416 => Answer::status(416),
            Some(_) => Answer::ok(artifact.content.clone()),
            None => artifact.answer(request),
        });
        bed.checkout.write(&format!("out/{NAME}.part"), "something of before");
        bed.pull().run().exits(0);
        assert_eq!(fs::read(bed.out(NAME)).unwrap(), content, "{status}");
    }
}

#[test]
fn a_damaged_beginning_is_thrown_away() {
    let artifact = Artifact::new();
    let content = artifact.content.clone();
    let bed = Bed::new(move |request| artifact.answer(request));
    bed.checkout.write(&format!("out/{NAME}.part"), "not what it begins with");
    bed.pull().run().exits(0);
    assert_eq!(fs::read(bed.out(NAME)).unwrap(), content);
    assert_eq!(bed.registry.asked(BLOBS).len(), 2);
}

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
fn a_content_elsewhere_is_fetched_there_without_a_word_of_who_asks() {
    let artifact = Artifact::new();
    let content = artifact.content.clone();
    let elsewhere = Fake::new({
        let content = content.clone();
        move |request| Answer::part(request, &content)
    });
    let location = format!("http://{}/signed?secret=1", elsewhere.address);
    let bed = Bed::new(move |request| match request.header("authorization") {
        None => Answer::status(401).header("www-authenticate", "Basic realm=\"x\""),
        Some(_) if request.path.starts_with(BLOBS) => {
            Answer::status(307).header("location", location.clone())
        }
        Some(_) => artifact.answer(request),
    });
    bed.checkout.write("credentials", "me:secret\n");
    bed.call(&format!("pull --version {VERSION} --output out --credentials credentials")).run().exits(0);
    assert_eq!(fs::read(bed.out(NAME)).unwrap(), content);
    let [request] = &elsewhere.requests()[..] else { panic!() };
    assert_eq!((request.path.as_str(), request.header("authorization")), ("/signed?secret=1", None));
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
    let said =
        format!("error: `{address}` does not have the list of `{repository}/onpremfull`: MANIFEST_UNKNOWN: ");
    assert!(ran.errors().starts_with(&said), "{}", ran.errors());
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
fn an_index_leads_to_the_tarball() {
    let artifact = Artifact::new();
    let content = artifact.content.clone();
    let other = manifest(&[("signature.json", b"x")]).to_string();
    let manifests: Vec<_> = [other.as_bytes(), &artifact.manifest]
        .map(|text| json!({ "digest": digest(text), "size": text.len(), "mediaType": "x" }))
        .into();
    let index = json!({ "schemaVersion": 2, "manifests": manifests }).to_string();
    let bed = Bed::new(move |request| match &request.path {
        path if path.ends_with(&format!("/{VERSION}")) => Answer::ok(index.clone()),
        path if path.ends_with(&digest(other.as_bytes())) => Answer::ok(other.clone()),
        _ => artifact.answer(request),
    });
    bed.pull().run().exits(0);
    assert_eq!(fs::read(bed.out(NAME)).unwrap(), content);
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
        "list --repository A",
        "list --repository ../x",
    ] {
        bed.call(words).run().exits(2).stdout("");
    }
    assert!(bed.registry.requests().is_empty());
    let far = ["tarball", "list", "--registry", "registry.example", "--plain-http"];
    bed.checkout.xtask(far).run().exits(2).stdout("").stderr(
        "error: `registry.example` is not this machine, so it is not spoken to without TLS\n\
         help: leave `--plain-http` out\n",
    );
}

#[test]
fn a_registry_that_does_not_run_is_told() {
    let bed = Bed::new(|_| Answer::status(200));
    // Port 1 has nobody on it.
    let words = ["tarball", "list", "--registry", "127.0.0.1:1", "--plain-http"];
    bed.checkout
        .xtask(words)
        .run()
        .exits(3)
        .stdout("")
        .stderr("error: `127.0.0.1:1` cannot be reached: connection refused\nhelp: [..]\n");
}

#[test]
fn two_calls_at_once_fetch_it_once() {
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| artifact.answer(request));
    let calls: Vec<_> = (0..4).map(|_| bed.pull().spawn()).collect();
    for call in calls {
        let output = call.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(bed.registry.asked(BLOBS).len(), 1);
    assert_eq!(bed.left(), [NAME]);
}
