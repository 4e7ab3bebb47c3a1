//! `/user/repos`, `/repos` and what is below.

use serde_json::json;
use ureq::http::Method;

use super::bed::{As, Bed};

pub fn a_repository_is_made_once(bed: &Bed) {
    let user = bed.user();
    let wanted = json!({ "name": "infra", "default_branch": "main", "auto_init": false });
    let made = bed.post("/user/repos", As::User(&user), &wanted).is(201);
    assert_eq!(made["full_name"], format!("{user}/infra"));
    assert!(made["clone_url"].as_str().unwrap().ends_with(&format!("/{user}/infra.git")), "{made}");
    bed.post("/user/repos", As::User(&user), &wanted).says(409, "already exists");
    let found = bed.get(&format!("/repos/{user}/infra"), As::User(&user)).is(200);
    let expected =
        json!({ "empty": true, "archived": false, "mirror": false, "private": false, "name": "infra" });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(found[name], *value, "{name}");
    }
    assert_eq!((&found["default_branch"], &found["owner"]["login"]), (&json!("main"), &json!(user)));
    assert_eq!(found["permissions"], json!({ "admin": true, "push": true, "pull": true }));
    bed.get(&format!("/repos/{user}/other"), As::User(&user)).is(404);
    bed.get(&format!("/repos/{}/infra", bed.name()), As::User(&user)).is(404);
    bed.get(&format!("/repos/{user}/infra/branches/main"), As::User(&user)).is(404);
}

pub fn a_repository_with_a_bad_name_is_refused(bed: &Bed) {
    let user = bed.user();
    let make = |name: &str| bed.post("/user/repos", As::User(&user), &json!({ "name": name }));
    make("-").says(422, "name is reserved");
    make("a.wiki").says(422, "name pattern is not allowed");
    make("a b").says(422, "AlphaDashDot");
    make("").says(422, "Required");
    for broken in ["{", "[]", "{}"] {
        bed.ask(Method::POST, "/api/v1/user/repos", As::User(&user), Some(broken)).is(422);
    }
    bed.post("/user/repos", As::Nobody, &json!({ "name": "a" })).says(401, "token is required");
}

pub fn a_repository_is_made_for_somebody_else(bed: &Bed) {
    let user = bed.user();
    let path = format!("/admin/users/{user}/repos");
    bed.post(&path, As::Admin, &json!({ "name": "a" })).is(201);
    bed.post(&path, As::Admin, &json!({ "name": "a" })).is(409);
    bed.post(&path, As::User(&user), &json!({ "name": "b" })).says(403, "user should be the site admin");
    bed.post(&format!("/admin/users/{}/repos", bed.name()), As::Admin, &json!({ "name": "a" })).is(404);
    assert_eq!(bed.get(&format!("/repos/{user}/a"), As::User(&user)).is(200)["owner"]["login"], *user);
}

pub fn a_private_repository_is_absent_for_others(bed: &Bed) {
    let (user, other) = (bed.user(), bed.user());
    bed.post("/user/repos", As::User(&user), &json!({ "name": "a", "private": true })).is(201);
    let path = format!("/repos/{user}/a");
    bed.get(&path, As::User(&user)).is(200);
    bed.get(&path, As::Admin).is(200);
    bed.get(&path, As::User(&other)).is(404);
    bed.get(&path, As::Nobody).is(404);
}

pub fn a_renamed_repository_has_moved(bed: &Bed) {
    let (user, repository) = bed.repository();
    let path = format!("/repos/{repository}");
    let other = bed.user();
    bed.patch(&path, As::User(&other), &json!({ "name": "moved" })).is(403);
    bed.patch(&path, As::User(&user), &json!({ "name": "moved" })).is(200);
    let moved = bed.get(&path, As::User(&user));
    assert_eq!((moved.status, moved.location), (301, format!("/api/v1/repos/{user}/moved")));
    bed.get(&format!("/repos/{user}/moved"), As::User(&user)).is(200);
}

pub fn an_archived_repository_says_so(bed: &Bed) {
    let (user, repository) = bed.repository();
    let path = format!("/repos/{repository}");
    assert_eq!(bed.patch(&path, As::User(&user), &json!({ "archived": true })).is(200)["archived"], true);
    assert_eq!(bed.get(&path, As::User(&user)).is(200)["archived"], true);
    let rule = json!({ "rule_name": "main" });
    bed.post(&format!("{path}/branch_protections"), As::User(&user), &rule).is(423);
}

pub fn a_branch_is_protected_once(bed: &Bed) {
    let (user, repository) = bed.repository();
    let path = format!("/repos/{repository}/branch_protections");
    let rule = json!({
        "rule_name": "main", "enable_push": true, "enable_push_whitelist": true, "push_whitelist_usernames": [user],
    });
    assert_eq!(bed.get(&path, As::User(&user)).is(200), json!([]));
    assert_eq!(bed.post(&path, As::User(&user), &rule).is(201)["rule_name"], "main");
    bed.post(&path, As::User(&user), &rule).says(403, "Branch protection already exist");
    bed.post(&path, As::User(&user), &json!({})).is(400);
    bed.post(&path, As::User(&bed.user()), &rule).is(403);
    bed.post(&path, As::Nobody, &rule).is(401);
    bed.get(&path, As::Nobody).is(401);
    let listed = &bed.get(&path, As::User(&user)).is(200)[0];
    for (name, value) in rule.as_object().unwrap() {
        assert_eq!(listed[name], *value, "{name}");
    }
}
