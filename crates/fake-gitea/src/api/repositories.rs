//! Repositories.

use serde_json::{Value, json};

use super::{Call, Result, not_found, users};
use crate::{
    account::User,
    answer::Answer,
    forge::Forge,
    repository::{self, Repository},
    scope::Category,
};

/// Names that no repository can have (`models/repo/repo.go`).
const RESERVED: [&str; 3] = [".", "..", "-"];
/// Endings that none can have.
const RESERVED_ENDINGS: [&str; 4] = [".wiki", ".git", ".rss", ".atom"];

/// `POST /user/repos`
pub fn create_own(call: &Call<'_>) -> Result {
    call.check_scope(Category::User)?;
    let caller = call.signed(Category::Repository)?;
    create(call, &caller.name)
}

/// `POST /admin/users/{name}/repos`
pub fn create_for(call: &Call<'_>, owner: &str) -> Result {
    call.admin()?;
    if call.state.forge().user(owner).is_none() {
        return Err(not_found());
    }
    create(call, owner)
}

/// 201; 409 if there is one of that name, 422 for a name that none can have.
fn create(call: &Call<'_>, owner: &str) -> Result {
    let form = call.form()?;
    let name = form.required("name")?;
    check_name(name)?;
    let mut forge = call.state.forge();
    if forge.repository(owner, name).is_some() {
        return Err(Answer::refusal(409, "The repository with the same name already exists."));
    }
    let branch = form.text("default_branch");
    let new = Repository {
        id: forge.next_id(),
        owner: owner.to_owned(),
        name: name.to_owned(),
        default_branch: if branch.is_empty() { "main" } else { branch }.to_owned(),
        is_private: form.flag("private").unwrap_or(false),
        is_archived: false,
        is_mirror: false,
        protections: Vec::new(),
    };
    let failed = |error: std::io::Error| Answer::refusal(500, error.to_string());
    repository::create(&new.dir(call.state.root.path()), &new.default_branch).map_err(failed)?;
    let answer = json(call, &forge, &new);
    forge.repositories.push(new);
    Ok(Answer::json(201, &answer))
}

fn check_name(name: &str) -> Result<()> {
    let is_name = name.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it));
    if !is_name || name.contains("..") {
        return Err(Answer::refusal(422, "[Name]: AlphaDashDot"));
    }
    if RESERVED.contains(&name) {
        return Err(Answer::refusal(422, format!("name is reserved [name: {name}]")));
    }
    if let Some(ending) = RESERVED_ENDINGS.iter().find(|ending| name.ends_with(*ending)) {
        return Err(Answer::refusal(422, format!("name pattern is not allowed [pattern: *{ending}]")));
    }
    Ok(())
}

/// `GET /repos/{owner}/{name}`
pub fn show(call: &Call<'_>, owner: &str, name: &str) -> Result {
    let forge = call.state.forge();
    find(call, &forge, owner, name).map(|found| Answer::json(200, &json(call, &forge, found)))
}

/// `PATCH /repos/{owner}/{name}`: for its owner and administrators.
pub fn edit(call: &Call<'_>, owner: &str, name: &str) -> Result {
    let mut forge = call.state.forge();
    find_owned(call, &forge, owner, name)?;
    let form = call.form()?;
    let found = forge.repository_mut(owner, name).ok_or_else(not_found)?;
    found.is_archived = form.flag("archived").unwrap_or(found.is_archived);
    found.is_private = form.flag("private").unwrap_or(found.is_private);
    match form.text("default_branch") {
        "" => (),
        branch => branch.clone_into(&mut found.default_branch),
    }
    let mut name = name;
    if let Some(new) = Some(form.text("name")).filter(|new| !new.is_empty() && *new != name) {
        check_name(new)?;
        let (from, to) =
            (found.dir(call.state.root.path()), repository::dir(call.state.root.path(), owner, new));
        std::fs::rename(from, to).map_err(|error| Answer::refusal(422, error.to_string()))?;
        forge.rename(owner, name, new);
        name = new;
    }
    let found = forge.repository(owner, name).ok_or_else(not_found)?;
    Ok(Answer::json(200, &json(call, &forge, found)))
}

/// The repository; 301 if it has another name by now, 404 if there is none
/// that the caller may see.
pub fn find<'f>(call: &Call<'_>, forge: &'f Forge, owner: &str, name: &str) -> Result<&'f Repository> {
    call.check_scope(Category::Repository)?;
    let Some(found) = forge.repository(owner, name) else {
        let moved = forge.moved(owner, name).ok_or_else(not_found)?;
        let (old, new) = (format!("/{owner}/{name}"), format!("/{}/{}", moved.owner, moved.name));
        return Err(Answer::empty(301).header("location", &call.request.target().replacen(&old, &new, 1)));
    };
    let is_seen = call.caller.as_ref().map_or(!found.is_private, |caller| caller.sees(found));
    if is_seen { Ok(found) } else { Err(not_found()) }
}

/// Like [`find`]; 401 or 403 for who has not every right in it.
pub fn find_owned<'f>(call: &Call<'_>, forge: &'f Forge, owner: &str, name: &str) -> Result<&'f Repository> {
    let found = find(call, forge, owner, name)?;
    let caller = call.signed(Category::Repository)?;
    if caller.owns(found) {
        return Ok(found);
    }
    Err(Answer::refusal(403, "user should be an owner or a collaborator with admin write of a repository"))
}

fn json(call: &Call<'_>, forge: &Forge, repository: &Repository) -> Value {
    let Repository { id, owner, name, default_branch, .. } = repository;
    let user: Option<&User> = forge.user(owner);
    let html = format!("{}/{owner}/{name}", call.state.url);
    let rights = call.caller.as_ref().is_some_and(|caller| caller.owns(repository));
    json!({
        "id": id,
        "name": name,
        "full_name": format!("{owner}/{name}"),
        "owner": user.map(users::json),
        "default_branch": default_branch,
        "private": repository.is_private,
        "archived": repository.is_archived,
        "mirror": repository.is_mirror,
        "empty": repository::is_empty(&repository.dir(call.state.root.path())),
        "html_url": html,
        "clone_url": format!("{html}.git"),
        "permissions": { "admin": rights, "push": rights, "pull": true },
    })
}
