//! Branches and who may push to them.

use serde_json::{Value, json};

use super::{Call, Result, not_found, repositories};
use crate::{
    answer::Answer,
    git,
    repository::{self, Protection},
};

/// `GET /repos/{owner}/{name}/branches/{branch}`
pub async fn show(call: &Call<'_>, owner: &str, name: &str, branch: &str) -> Result {
    let (dir, is_protected, may_push) = {
        let forge = call.state.forge();
        let found = repositories::find(call, &forge, owner, name)?;
        let protection = found.protections.iter().find(|protection| protection.rule == branch);
        let may_push = call.caller.as_ref().is_some_and(|caller| match protection {
            Some(protection) => protection.allows(&caller.name),
            None => caller.owns(found),
        });
        (found.dir(call.state.root.path()), protection.is_some(), may_push)
    };
    let id = repository::head(&dir, branch).ok_or_else(not_found)?;
    let args = ["log", "-1", "--format=%aI%n%an%n%ae%n%B", &id].map(str::to_owned);
    let log = move || git::run(&dir, &args.each_ref().map(String::as_str), b"");
    let log =
        tokio::task::spawn_blocking(log).await.map_err(|error| Answer::refusal(500, error.to_string()))?;
    let log = log.map_err(|error| Answer::refusal(500, error.to_string()))?;
    let mut lines = log.splitn(4, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (date, author, email, message) = (next(), next(), next(), next());
    let author = json!({ "name": author, "email": email, "username": "" });
    let commit = json!({
        "id": id, "message": message.trim_end_matches('\n').to_owned() + "\n", "timestamp": date, "author": author,
    });
    let answer =
        json!({ "name": branch, "commit": commit, "protected": is_protected, "user_can_push": may_push });
    Ok(Answer::json(200, &answer))
}

/// `GET /repos/{owner}/{name}/branch_protections`
pub fn rules(call: &Call<'_>, owner: &str, name: &str) -> Result {
    let forge = call.state.forge();
    let rules = repositories::find_owned(call, &forge, owner, name)?.protections.iter().map(json).collect();
    Ok(Answer::json(200, &Value::Array(rules)))
}

/// `POST /repos/{owner}/{name}/branch_protections`: 201; 403 if there is one.
pub fn protect(call: &Call<'_>, owner: &str, name: &str) -> Result {
    let mut forge = call.state.forge();
    repositories::find_owned(call, &forge, owner, name)?;
    let form = call.form()?;
    let rule = [form.text("rule_name"), form.text("branch_name")].into_iter().find(|rule| !rule.is_empty());
    let rule = rule.ok_or_else(|| Answer::refusal(400, "both rule_name and branch_name are empty"))?;
    let found = forge.repository_mut(owner, name).ok_or_else(not_found)?;
    if found.is_archived {
        return Err(Answer::refusal(423, format!("{owner}/{name} is archived")));
    }
    if found.protections.iter().any(|protection| protection.rule == rule) {
        return Err(Answer::refusal(403, "Branch protection already exist"));
    }
    let is_listed = form.flag("enable_push_whitelist").unwrap_or(false);
    let protection = Protection {
        rule: rule.to_owned(),
        may_push: form.flag("enable_push").unwrap_or(false),
        pushers: is_listed.then(|| form.texts("push_whitelist_usernames")),
    };
    let answer = json(&protection);
    found.protections.push(protection);
    Ok(Answer::json(201, &answer))
}

fn json(protection: &Protection) -> Value {
    json!({
        "rule_name": protection.rule,
        "branch_name": protection.rule,
        "enable_push": protection.may_push,
        "enable_push_whitelist": protection.pushers.is_some(),
        "push_whitelist_usernames": protection.pushers.clone().unwrap_or_default(),
    })
}
