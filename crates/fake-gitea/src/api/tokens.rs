//! Access tokens, which are given to who comes with `Authorization: Basic` alone.

use serde_json::{Value, json};

use super::{Call, Result, not_found};
use crate::{account::Token, answer::Answer, scope, scope::Category};

/// Items of a page, where nothing is said of it, and at most.
const PAGE: usize = 30;
const LONGEST_PAGE: usize = 50;

fn json(token: &Token) -> Value {
    let last = &token.value[token.value.len() - 8..];
    json!({ "id": token.id, "name": token.name, "scopes": token.scopes, "sha1": "", "token_last_eight": last })
}

/// 401 for who came with `Authorization: token`, 403 for another user's tokens.
fn check(call: &Call<'_>, user: &str) -> Result<()> {
    call.check_scope(Category::User)?;
    if call.state.forge().user(user).is_none() {
        return Err(not_found());
    }
    let Some(caller) = call.caller.as_ref().filter(|caller| caller.is_admin || caller.is(user)) else {
        let message = "doer should be the site admin or be same as the contextUser";
        return Err(Answer::refusal(403, message));
    };
    // A token in place of the password will do.
    if !caller.is_basic {
        return Err(Answer::refusal(401, "auth required"));
    }
    Ok(())
}

/// `GET /users/{name}/tokens`: the newest first, without their values.
pub fn list(call: &Call<'_>, user: &str) -> Result {
    check(call, user)?;
    let number = |name: &str| call.request.parameter(name).and_then(|text| text.parse::<usize>().ok());
    let limit = number("limit").unwrap_or(PAGE).min(LONGEST_PAGE);
    let before = limit * (number("page").unwrap_or(1).max(1) - 1);
    let forge = call.state.forge();
    let tokens = forge.user(user).into_iter().flat_map(|user| user.tokens.iter().rev());
    Ok(Answer::json(200, &Value::Array(tokens.skip(before).take(limit).map(json).collect())))
}

/// `POST /users/{name}/tokens`: 201 with the value in `sha1`; 400 for a taken
/// name, a wrong scope or none.
pub fn create(call: &Call<'_>, user: &str) -> Result {
    check(call, user)?;
    let form = call.form()?;
    let (name, scopes) = (form.required("name")?, form.texts("scopes"));
    let mut forge = call.state.forge();
    if forge.user(user).is_some_and(|user| user.tokens.iter().any(|token| token.name == name)) {
        return Err(Answer::refusal(400, "access token name has been used already"));
    }
    if let Some(wrong) = scopes.iter().find(|scope| !scope::is_scope(scope)) {
        let message = format!("invalid access token scope provided: invalid access token scope: {wrong}");
        return Err(Answer::refusal(400, message));
    }
    if scopes.is_empty() {
        return Err(Answer::refusal(400, "access token must have a scope"));
    }
    let token = forge.add_token(user, name, scopes).ok_or_else(not_found)?;
    let mut answer = json(&token);
    answer["sha1"] = token.value.into();
    Ok(Answer::json(201, &answer))
}

/// `DELETE /users/{name}/tokens/{token}`, by name or by id: 204.
pub fn delete(call: &Call<'_>, user: &str, token: &str) -> Result {
    check(call, user)?;
    let mut forge = call.state.forge();
    let tokens = &mut forge.user_mut(user).ok_or_else(not_found)?.tokens;
    let is_it = |it: &Token| it.name == token || it.id.to_string() == token;
    let position = tokens.iter().position(is_it).ok_or_else(not_found)?;
    tokens.remove(position);
    Ok(Answer::empty(204))
}
