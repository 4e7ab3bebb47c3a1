//! From a request to its answer.

use std::{future, sync::Arc};

use futures_util::StreamExt;
use hyper::{Response, body::Incoming, header::AUTHORIZATION};
use serde_json::json;

use crate::{
    answer::{Answer, Body},
    failure::Failure,
    fault::Effect,
    read,
    request::{Request, Verb},
    resource::Target,
    state::State,
    watch,
};

/// Notes a request, and answers it as well as the faults let it.
pub async fn respond(state: Arc<State>, incoming: hyper::Request<Incoming>) -> Response<Body> {
    let target = Target::parse(incoming.uri().path());
    let request = Request::new(incoming.method(), incoming.uri(), target.as_ref());
    let trouble = state.faults.meet(&request);
    state.note(request.clone());
    if !trouble.latency.is_zero() {
        tokio::time::sleep(trouble.latency).await;
    }
    if trouble.effect == Some(Effect::Silence) {
        future::pending::<()>().await;
    }
    if let Some(answer) = trouble.effect.as_ref().and_then(Answer::of_fault) {
        return answer.into_response();
    }
    let answer = answer(state, target, &request, incoming).await.unwrap_or_else(Answer::from);
    let answer = match trouble.effect {
        Some(Effect::Cut) => answer.cut(),
        Some(Effect::SlowBody(pause)) => answer.slow(pause),
        _ => answer,
    };
    answer.into_response()
}

async fn answer(
    state: Arc<State>,
    target: Option<Target>,
    request: &Request,
    incoming: hyper::Request<Incoming>,
) -> Result<Answer, Failure> {
    if let Some(token) = &state.token
        && incoming.headers().get(AUTHORIZATION).is_none_or(|value| value != &format!("Bearer {token}"))
    {
        return Err(Failure::new(401, "Unauthorized"));
    }
    let Some(target) = target else {
        let found = (request.path == "/version").then(|| json!({ "gitVersion": "v1.33.0" }));
        let unknown = || Failure::new(404, "the server could not find the requested resource");
        return found.map(|object| Answer::object(200, &object)).ok_or_else(unknown);
    };
    match (request.verb, target.key()) {
        (Verb::Get, Some(key)) => Ok(Answer::object(200, &read::get(&state.store(), &key)?)),
        (Verb::List, None) => Ok(Answer::object(200, &read::list(&state.store(), &target, request)?)),
        (Verb::Watch, None) => Ok(Answer::lines(watch::watch(state, target, request)?.boxed())),
        _ => Err(Failure::new(405, "the server does not allow this method on the requested resource")),
    }
}
