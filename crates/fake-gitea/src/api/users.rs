//! Accounts.

use serde_json::{Value, json};

use super::{Call, Result, not_found};
use crate::{account::User, answer::Answer, scope::Category};

/// The least length of a password.
const SHORTEST: usize = 8;
/// Some of the names that no account can have (`models/user/user.go`).
const RESERVED: [&str; 8] = ["api", "user", "admin", "assets", "login", "org", "repo", "explore"];

pub fn json(user: &User) -> Value {
    json!({
        "id": user.id, "login": user.name, "email": user.email, "full_name": "", "is_admin": user.is_admin,
        "active": true, "prohibit_login": false, "restricted": false, "visibility": "public",
    })
}

/// `GET /user`
pub fn own(call: &Call<'_>) -> Result {
    let caller = call.signed(Category::User)?;
    show_named(call, &caller.name)
}

/// `GET /users/{name}`
pub fn show(call: &Call<'_>, name: &str) -> Result {
    call.check_scope(Category::User)?;
    show_named(call, name)
}

fn show_named(call: &Call<'_>, name: &str) -> Result {
    let forge = call.state.forge();
    forge.user(name).map(|user| Answer::json(200, &json(user))).ok_or_else(not_found)
}

/// `GET /admin/users`
pub fn list(call: &Call<'_>) -> Result {
    call.admin()?;
    let users: Vec<Value> = call.state.forge().users.iter().map(json).collect();
    Ok(Answer::json(200, &Value::Array(users)))
}

/// `POST /admin/users`: 201; 400 for a bad password, 422 for a bad or taken name.
pub fn create(call: &Call<'_>) -> Result {
    call.admin()?;
    let form = call.form()?;
    let (name, email) = (form.required("username")?, form.required("email")?);
    if form.text("password").len() < SHORTEST {
        return Err(Answer::refusal(400, "PasswordIsRequired"));
    }
    let is_name = !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it));
    if !is_name || RESERVED.contains(&name) {
        return Err(Answer::refusal(422, format!("name is reserved [name: {name}]")));
    }
    let mut forge = call.state.forge();
    if forge.user(name).is_some() {
        return Err(Answer::refusal(422, format!("user already exists [name: {name}]")));
    }
    if forge.users.iter().any(|user| user.email == email) {
        return Err(Answer::refusal(422, format!("e-mail already in use [email: {email}]")));
    }
    let user = forge.add_user(name, form.text("password"), false);
    email.clone_into(&mut user.email);
    user.must_change_password = form.flag("must_change_password").unwrap_or(true);
    Ok(Answer::json(201, &json(user)))
}

/// `PATCH /admin/users/{name}`: 200; 400 for a bad password, 422 without
/// `login_name`.
pub fn edit(call: &Call<'_>, name: &str) -> Result {
    call.admin()?;
    let mut forge = call.state.forge();
    let user = forge.user_mut(name).ok_or_else(not_found)?;
    let form = call.form()?;
    form.required("login_name")?;
    match form.text("password") {
        "" => (),
        short if short.len() < SHORTEST => {
            return Err(Answer::refusal(400, format!("password must be at least {SHORTEST} characters")));
        }
        password => password.clone_into(&mut user.password),
    }
    user.must_change_password = form.flag("must_change_password").unwrap_or(user.must_change_password);
    user.is_admin = form.flag("admin").unwrap_or(user.is_admin);
    Ok(Answer::json(200, &json(user)))
}

/// `DELETE /admin/users/{name}`: 204; 422 if it has repositories, but for
/// `?purge=true`.
pub fn delete(call: &Call<'_>, name: &str) -> Result {
    call.admin()?;
    let mut forge = call.state.forge();
    if forge.user(name).is_none() {
        return Err(not_found());
    }
    let (owned, others): (Vec<_>, Vec<_>) =
        forge.repositories.drain(..).partition(|repository| repository.owner.eq_ignore_ascii_case(name));
    forge.repositories = others;
    if !owned.is_empty() && call.request.parameter("purge").as_deref() != Some("true") {
        forge.repositories.extend(owned);
        return Err(Answer::refusal(422, "user still has ownership of repositories"));
    }
    for repository in owned {
        let removed = std::fs::remove_dir_all(repository.dir(call.state.root.path()));
        removed.map_err(|error| Answer::refusal(500, error.to_string()))?;
    }
    forge.users.retain(|user| !user.name.eq_ignore_ascii_case(name));
    Ok(Answer::empty(204))
}
