//! `/users/{name}/tokens`

use serde_json::{Value, json};

use super::bed::{As, Bed};

fn token(name: &str, scopes: &[&str]) -> Value {
    json!({ "name": name, "scopes": scopes })
}

fn path(user: &str) -> String {
    format!("/users/{user}/tokens")
}

pub fn a_token_is_told_once(bed: &Bed) {
    let user = bed.user();
    let made = bed.post(&path(&user), As::User(&user), &token("a", &["read:user"])).is(201);
    let value = made["sha1"].as_str().unwrap();
    assert_eq!((value.len(), &made["scopes"]), (40, &json!(["read:user"])));
    for who in [As::Token(value), As::Basic("anything", value), As::Basic(value, "")] {
        assert_eq!(bed.get("/user", who).is(200)["login"], *user);
    }
    let listed = &bed.get(&path(&user), As::User(&user)).is(200)[0];
    assert_eq!((&listed["name"], &listed["sha1"]), (&json!("a"), &json!("")));
    assert_eq!(listed["token_last_eight"], value[32..]);
}

pub fn a_token_needs_a_name_of_its_own_and_a_scope(bed: &Bed) {
    let user = bed.user();
    let make = |token: &Value| bed.post(&path(&user), As::User(&user), token);
    make(&token("a", &["all"])).is(201);
    make(&token("a", &["all"])).says(400, "access token name has been used already");
    make(&token("b", &["everything"])).says(400, "invalid access token scope");
    make(&token("b", &[])).says(400, "access token must have a scope");
    make(&json!({ "scopes": ["all"] })).says(422, "Required");
    make(&token("b", &["all"])).is(201);
}

pub fn a_token_is_given_for_basic_credentials_alone(bed: &Bed) {
    let user = bed.user();
    let value = bed.token(&user, "a", &["all"]);
    bed.post(&path(&user), As::Token(&value), &token("b", &["all"])).says(401, "auth required");
    bed.get(&path(&user), As::Token(&value)).says(401, "auth required");
    // A token in place of the password will do.
    bed.post(&path(&user), As::Basic(&user, &value), &token("b", &["all"])).is(201);
}

pub fn a_token_is_no_other_users_business(bed: &Bed) {
    let (user, other) = (bed.user(), bed.user());
    let refused = "doer should be the site admin or be same as the contextUser";
    for who in [As::User(&other), As::Nobody] {
        bed.post(&path(&user), who, &token("a", &["all"])).says(403, refused);
        bed.get(&path(&user), who).says(403, refused);
    }
    bed.post(&path(&bed.name()), As::User(&user), &token("a", &["all"])).is(404);
}

pub fn a_token_is_for_its_scopes(bed: &Bed) {
    let (user, repository) = bed.repository();
    let lacking = "token does not have at least one of required scope(s)";
    let reader = bed.token(&user, "reader", &["read:repository"]);
    bed.get(&format!("/repos/{repository}"), As::Token(&reader)).is(200);
    bed.get("/user", As::Token(&reader)).says(403, lacking);
    bed.get(&format!("/users/{user}"), As::Token(&reader)).says(403, lacking);
    bed.post("/user/repos", As::Token(&reader), &json!({ "name": "b" })).says(403, lacking);
    bed.patch(&format!("/repos/{repository}"), As::Token(&reader), &json!({ "private": true }))
        .says(403, lacking);
    let writer = bed.token(&user, "writer", &["write:repository"]);
    bed.post("/user/repos", As::Token(&writer), &json!({ "name": "b" })).says(403, lacking);
    let both = bed.token(&user, "both", &["write:repository", "write:user"]);
    bed.post("/user/repos", As::Token(&both), &json!({ "name": "b" })).is(201);
    bed.get("/version", As::Token(&reader)).is(200);
}

pub fn a_token_is_removed_by_name_or_id(bed: &Bed) {
    let user = bed.user();
    let value = bed.token(&user, "a", &["all"]);
    bed.delete(&format!("{}/b", path(&user)), As::User(&user)).is(404);
    bed.delete(&format!("{}/a", path(&user)), As::User(&user)).is(204);
    bed.get("/user", As::Token(&value)).is(401);
    let made = bed.post(&path(&user), As::User(&user), &token("a", &["all"])).is(201);
    bed.delete(&format!("{}/{}", path(&user), made["id"]), As::User(&user)).is(204);
    assert_eq!(bed.get(&path(&user), As::User(&user)).is(200), json!([]));
}
