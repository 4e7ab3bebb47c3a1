//! `/admin/users`, `/users` and `/user`.

use serde_json::{Value, json};

use super::bed::{As, Bed, PASSWORD};

fn account(name: &str) -> Value {
    json!({ "username": name, "email": format!("{name}@localhost.invalid"), "password": PASSWORD })
}

pub fn an_account_is_made_once(bed: &Bed) {
    let name = bed.name();
    let made = bed.post("/admin/users", As::Admin, &account(&name)).is(201);
    assert_eq!((&made["login"], &made["is_admin"]), (&json!(name), &json!(false)));
    bed.post("/admin/users", As::Admin, &account(&name)).says(422, "user already exists");
    let mut other = account(&bed.name());
    other["email"] = account(&name)["email"].clone();
    bed.post("/admin/users", As::Admin, &other).says(422, "e-mail already in use");
    assert_eq!(bed.get(&format!("/users/{name}"), As::Admin).is(200)["login"], *name);
    bed.get(&format!("/users/{}", bed.name()), As::Admin).is(404);
    let all = bed.get("/admin/users?limit=50", As::Admin).is(200);
    assert!(all.as_array().unwrap().iter().any(|user| user["is_admin"] == true), "{all}");
}

pub fn an_account_with_a_bad_name_or_password_is_refused(bed: &Bed) {
    let with = |name: &str, value: &str| {
        let mut account = account(&bed.name());
        account[name] = value.into();
        bed.post("/admin/users", As::Admin, &account)
    };
    with("password", "short").says(400, "PasswordIsRequired");
    with("username", "api").says(422, "name is reserved");
    with("username", "a b").is(422);
    with("email", "").says(422, "Required");
    with("username", "").says(422, "Required");
}

pub fn only_an_administrator_makes_accounts(bed: &Bed) {
    let user = bed.user();
    let account = account(&bed.name());
    bed.post("/admin/users", As::User(&user), &account).says(403, "user should be the site admin");
    bed.post("/admin/users", As::Nobody, &account).says(401, "token is required");
    bed.get("/admin/users", As::User(&user)).is(403);
    let name = &bed.name();
    bed.patch(&format!("/admin/users/{user}"), As::Admin, &json!({ "login_name": user, "admin": true }))
        .is(200);
    assert_eq!(bed.get("/user", As::User(&user)).is(200)["is_admin"], true);
    bed.get(&format!("/users/{name}"), As::User(&user)).is(404);
}

pub fn a_new_account_must_change_its_password(bed: &Bed) {
    let name = bed.name();
    bed.post("/admin/users", As::Admin, &account(&name)).is(201);
    let refused = "You must change your password";
    bed.get("/user", As::User(&name)).says(403, refused);
    bed.get("/version", As::User(&name)).says(403, refused);
    let token = json!({ "name": "a", "scopes": ["all"] });
    bed.post(&format!("/users/{name}/tokens"), As::User(&name), &token).says(403, refused);
    let refs = format!("/{name}/infra.git/info/refs?service=git-receive-pack");
    let moved = bed.ask(ureq::http::Method::GET, &refs, As::User(&name), None);
    assert_eq!((moved.status, moved.location.as_str()), (303, "/user/settings/change_password"));
    let change = json!({ "login_name": name, "must_change_password": false });
    bed.patch(&format!("/admin/users/{name}"), As::Admin, &change).is(200);
    assert_eq!(bed.get("/user", As::User(&name)).is(200)["login"], *name);
}

pub fn a_password_is_changed_by_an_administrator(bed: &Bed) {
    let user = bed.user();
    let path = format!("/admin/users/{user}");
    let change =
        |password: &str| json!({ "login_name": user, "password": password, "must_change_password": false });
    bed.patch(&path, As::Admin, &json!({ "password": "another-one-1" })).says(422, "Required");
    bed.patch(&path, As::Admin, &change("short")).says(400, "password must be at least 8 characters");
    bed.patch(&path, As::User(&user), &change("another-one-1")).is(403);
    bed.get("/user", As::User(&user)).is(200);
    bed.patch(&path, As::Admin, &change("another-one-1")).is(200);
    bed.get("/user", As::User(&user)).is(401);
    bed.get("/user", As::Basic(&user, "another-one-1")).is(200);
    bed.patch(&format!("/admin/users/{}", bed.name()), As::Admin, &change("another-one-1")).is(404);
}

pub fn who_is_an_administrator_is_set_and_told(bed: &Bed) {
    let user = bed.user();
    for admin in [true, false] {
        let change = json!({
            "login_name": user, "source_id": 0, "password": PASSWORD, "must_change_password": false, "admin": admin,
        });
        bed.patch(&format!("/admin/users/{user}"), As::Admin, &change).is(200);
        assert_eq!(bed.get(&format!("/users/{user}"), As::Admin).is(200)["is_admin"], admin);
    }
    // Not from the beginning.
    let mut new = account(&bed.name());
    new["admin"] = true.into();
    assert_eq!(bed.post("/admin/users", As::Admin, &new).is(201)["is_admin"], false);
}

pub fn wrong_credentials_are_refused_everywhere(bed: &Bed) {
    let (user, repository) = bed.repository();
    let refused = "invalid username, password or token";
    for who in [As::Basic(&user, "wrong"), As::Basic("nobody-at-all", PASSWORD), As::Token(&"0".repeat(40))] {
        for path in ["/version", "/user", &format!("/repos/{repository}")] {
            bed.get(path, who).says(401, refused);
        }
    }
    bed.get("/version", As::Nobody).is(200);
    bed.get("/user", As::Nobody).says(401, "token is required");
    bed.get(&format!("/repos/{repository}"), As::Nobody).is(200);
}
