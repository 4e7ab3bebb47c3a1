//! Smart HTTP's first request, before any git runs.

use serde_json::json;
use ureq::http::Method;

use super::answer::Answer;
use super::bed::{As, Bed};

const PULL: &str = "git-upload-pack";
const PUSH: &str = "git-receive-pack";

fn refs(bed: &Bed, repository: &str, service: &str, who: As<'_>) -> Answer {
    bed.ask(Method::GET, &format!("/{repository}.git/info/refs?service={service}"), who, None)
}

pub fn a_push_needs_credentials(bed: &Bed) {
    let (user, repository) = bed.repository();
    let refused = refs(bed, &repository, PUSH, As::Nobody);
    assert_eq!((refused.status, refused.challenge.split(' ').next()), (401, Some("Basic")), "{refused:?}");
    refs(bed, &repository, PUSH, As::Basic(&user, "wrong")).is(401);
    refs(bed, &repository, PULL, As::Basic(&user, "wrong")).is(401);
    refs(bed, &repository, PUSH, As::User(&user)).says(200, "report-status");
    refs(bed, &repository, PUSH, As::Admin).says(200, "001f# service=git-receive-pack\n0000");
    refs(bed, &repository, PULL, As::Nobody).says(200, "001e# service=git-upload-pack\n0000");
}

pub fn an_absent_repository_is_told_apart(bed: &Bed) {
    let user = bed.user();
    let absent = format!("{user}/absent");
    refs(bed, &absent, PUSH, As::User(&user)).says(403, "Push to create is not enabled for users.");
    refs(bed, &absent, PULL, As::User(&user)).says(404, "Repository not found");
    refs(bed, &absent, PUSH, As::Nobody).is(401);
    refs(bed, &absent, PULL, As::Nobody).is(401);
    let nowhere = format!("{}/absent", bed.name());
    for who in [As::User(&user), As::Nobody] {
        refs(bed, &nowhere, PUSH, who).says(404, "Not found.");
    }
    bed.post("/user/repos", As::User(&user), &json!({ "name": "private", "private": true })).is(201);
    let private = format!("{user}/private");
    refs(bed, &private, PULL, As::Nobody).is(401);
    refs(bed, &private, PULL, As::User(&bed.user())).says(404, "Repository not found");
    refs(bed, &private, PUSH, As::User(&bed.user())).says(404, "Repository not found");
    refs(bed, &private, PUSH, As::User(&user)).is(200);
}

pub fn a_scope_counts_in_basic_credentials_alone(bed: &Bed) {
    let (user, repository) = bed.repository();
    let reader = bed.token(&user, "reader", &["read:repository"]);
    refs(bed, &repository, PUSH, As::Basic("x", &reader)).says(403, "Forbidden");
    refs(bed, &repository, PULL, As::Basic("x", &reader)).is(200);
    // Gitea does not look at it here.
    refs(bed, &repository, PUSH, As::Token(&reader)).is(200);
    let writer = bed.token(&user, "writer", &["write:repository"]);
    refs(bed, &repository, PUSH, As::Basic("x", &writer)).is(200);
}

pub fn a_moved_or_archived_repository_refuses_a_push(bed: &Bed) {
    let (user, repository) = bed.repository();
    bed.patch(&format!("/repos/{repository}"), As::User(&user), &json!({ "name": "moved" })).is(200);
    for service in [PULL, PUSH] {
        let moved = refs(bed, &repository, service, As::User(&user));
        assert_eq!(
            (moved.status, moved.location),
            (301, format!("/{user}/moved/info/refs?service={service}"))
        );
    }
    let repository = format!("{user}/moved");
    bed.patch(&format!("/repos/{repository}"), As::User(&user), &json!({ "archived": true })).is(200);
    refs(bed, &repository, PUSH, As::User(&user)).says(403, "This repo is archived.");
    refs(bed, &repository, PULL, As::User(&user)).is(200);
}

pub fn a_wrong_service_or_type_is_refused(bed: &Bed) {
    let (user, repository) = bed.repository();
    refs(bed, &repository, "git-other", As::User(&user)).is(400);
    let push = format!("/{repository}.git/git-receive-pack");
    // It says that it is JSON.
    bed.ask(Method::POST, &push, As::User(&user), Some("0000")).is(400);
    bed.ask(Method::GET, &push, As::User(&user), None).is(405);
}
