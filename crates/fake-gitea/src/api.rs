//! The API: `/api/v1/…`.

mod branches;
mod form;
mod repositories;
mod tokens;
mod users;

use std::sync::Arc;

use hyper::http::request::Parts;
use serde_json::json;

use crate::{
    access::{Caller, identify},
    answer::Answer,
    request::Request,
    scope::Category,
    state::State,
    upload::Upload,
};
use form::Form;

/// The version that it says it is of.
const VERSION: &str = "1.26.0";

/// A refusal is an answer, too.
type Result<T = Answer> = std::result::Result<T, Answer>;

/// A request that is understood.
struct Call<'a> {
    state: &'a Arc<State>,
    request: &'a Request,
    caller: Option<Caller>,
    body: Vec<u8>,
}

/// Answers for a path, which comes without `/api/v1/`.
pub async fn respond(
    state: &Arc<State>,
    head: &Parts,
    request: &Request,
    path: &str,
    mut upload: Upload,
) -> Answer {
    // Nothing is done about a body that does not come to its end.
    let Ok(body) = upload.collect().await else { return Answer::empty(400) };
    let caller = identify(&state.forge(), &head.headers);
    let Ok(caller) = caller else {
        return Answer::refusal(401, "invalid username, password or token");
    };
    if caller.as_ref().is_some_and(|caller| caller.must_change_password) {
        let page = format!("{}//user/change_password", state.url);
        let message = format!("You must change your password. Change it at: {page}");
        return Answer::json(403, &json!({ "message": message }));
    }
    let call = Call { state, request, caller, body };
    let segments: Vec<&str> = path.split('/').collect();
    call.route(&segments).await.unwrap_or_else(|refusal| refusal)
}

impl Call<'_> {
    async fn route(&self, segments: &[&str]) -> Result {
        match (self.request.method.as_str(), segments) {
            ("GET", ["version"]) => Ok(Answer::json(200, &json!({ "version": VERSION }))),
            ("GET", ["user"]) => users::own(self),
            ("POST", ["user", "repos"]) => repositories::create_own(self),
            ("GET", ["admin", "users"]) => users::list(self),
            ("POST", ["admin", "users"]) => users::create(self),
            ("PATCH", ["admin", "users", name]) => users::edit(self, name),
            ("DELETE", ["admin", "users", name]) => users::delete(self, name),
            ("POST", ["admin", "users", name, "repos"]) => repositories::create_for(self, name),
            ("GET", ["users", name]) => users::show(self, name),
            ("GET", ["users", name, "tokens"]) => tokens::list(self, name),
            ("POST", ["users", name, "tokens"]) => tokens::create(self, name),
            ("DELETE", ["users", name, "tokens", token]) => tokens::delete(self, name, token),
            ("GET", ["repos", owner, name]) => repositories::show(self, owner, name),
            ("PATCH", ["repos", owner, name]) => repositories::edit(self, owner, name),
            ("GET", ["repos", owner, name, "branches", branch @ ..]) => {
                branches::show(self, owner, name, &branch.join("/")).await
            }
            ("GET", ["repos", owner, name, "branch_protections"]) => branches::rules(self, owner, name),
            ("POST", ["repos", owner, name, "branch_protections"]) => branches::protect(self, owner, name),
            _ => Err(not_found()),
        }
    }

    /// Whoever asks; 401 if nobody does, 403 if its token is not for this.
    fn signed(&self, category: Category) -> Result<&Caller> {
        self.check_scope(category)?;
        self.caller.as_ref().ok_or_else(|| Answer::refusal(401, "token is required"))
    }

    /// 403 if there is a token, and it is not for this.
    fn check_scope(&self, category: Category) -> Result<()> {
        let change = self.request.method != "GET";
        if self.caller.as_ref().is_none_or(|caller| caller.may(category, change)) {
            return Ok(());
        }
        Err(Answer::refusal(403, "token does not have at least one of required scope(s)"))
    }

    /// An administrator; 401 or 403 if it is none.
    fn admin(&self) -> Result<&Caller> {
        let caller = self.signed(Category::Admin)?;
        if caller.is_admin { Ok(caller) } else { Err(Answer::refusal(403, "user should be the site admin")) }
    }

    /// The body's fields; 422 if it has none.
    fn form(&self) -> Result<Form> {
        Form::read(&self.body)
    }
}

fn not_found() -> Answer {
    Answer::refusal(404, "not found")
}
