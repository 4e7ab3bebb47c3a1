//! `tarball pull`: what is fetched, and what of it was there already.

use std::time::{Duration, Instant};
use std::{fs, thread};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::artifact::{Artifact, BLOBS, Bed, VERSION, digest, manifest};
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
    bed.call(&format!("pull --version {VERSION} --output out --registry-credentials credentials"))
        .run()
        .exits(0);
    assert_eq!(fs::read(bed.out(NAME)).unwrap(), content);
    let [request] = &elsewhere.requests()[..] else { panic!() };
    assert_eq!((request.path.as_str(), request.header("authorization")), ("/signed?secret=1", None));
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

#[test]
fn whoever_gives_up_keeps_what_is_there() {
    let artifact = Artifact::new();
    let content = artifact.content.clone();
    let bed = Bed::new(move |request| {
        let answer = artifact.answer(request);
        if request.path.starts_with(BLOBS) && request.from().is_none() {
            answer.cut(500_000).hold()
        } else {
            answer
        }
    });
    let part = bed.out(&format!("{NAME}.part"));
    let call = bed.pull().spawn();
    let deadline = Instant::now() + Duration::from_mins(1);
    while fs::metadata(&part).map_or(0, |part| part.len()) < 500_000 {
        assert!(Instant::now() < deadline, "nothing comes");
        thread::sleep(Duration::from_millis(10));
    }
    kill_process(Pid::from_child(&call), Signal::INT).unwrap();
    let output = call.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(bed.left(), [format!("{NAME}.part")]);
    bed.pull().run().exits(0);
    assert_eq!(fs::read(bed.out(NAME)).unwrap(), content);
}

#[test]
fn a_registry_that_falls_silent_is_left_in_time() {
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| artifact.answer(request).cut(0).hold());
    let ran = bed.call(&format!("pull --version {VERSION} --timeout 2s")).run().exits(4).stdout("");
    assert!(ran.errors().starts_with("error: the time was up while waiting for `"), "{}", ran.errors());
}
