//! From a request to its answer.

use std::{future, sync::Arc};

use futures_util::StreamExt;
use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Response,
    body::Incoming,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::json;

use crate::{
    answer::{Answer, Body},
    apply, discovery,
    failure::Failure,
    fault::Effect,
    forward::{self, Forward, Switch},
    read,
    request::{Request, Verb},
    resource::Target,
    state::State,
    watch, write,
};

/// Notes a request, and answers it as well as the faults let it.
pub async fn respond(
    state: Arc<State>,
    incoming: hyper::Request<Incoming>,
    switch: &Switch,
) -> Response<Body> {
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
    if let Some(asked) = Forward::asked(&request) {
        if let Err(failure) = check_token(&state, incoming.headers()).and_then(|()| asked.check(&state)) {
            return Answer::from(failure).into_response();
        }
        switch.put(asked);
        return forward::agree(incoming.headers());
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
    check_token(&state, incoming.headers())?;
    if discovery::group(&request.path).is_some_and(|group| state.is_undefined(group)) {
        return Ok(Answer::text(404, "404 page not found\n"));
    }
    let Some(target) = target else {
        return about_itself(&request.path);
    };
    if request.verb.is_read() {
        return read(state, target, request);
    }
    let content_type = incoming.headers().get(CONTENT_TYPE).cloned();
    let body = incoming.into_body().collect().await;
    let body = body.map_err(|error| Failure::new(400, error.to_string()))?.to_bytes();
    state.change(|store| {
        let (code, object) = match (request.verb, target.key()) {
            (Verb::Create, None) => (201, write::create(store, &target, &body)?),
            (Verb::Update, Some(key)) => (200, write::replace(store, &target, key, &body)?),
            (Verb::Patch, Some(key)) if content_type.as_ref().is_some_and(|it| it == apply::APPLY_PATCH) => {
                apply::apply(store, &target, key, request, &body)?
            }
            (Verb::Patch, Some(key)) => {
                (200, write::patch(store, &target, key, content_type.as_ref(), &body)?)
            }
            (Verb::Delete, Some(key)) => (200, write::delete(store, key)?),
            _ => return Err(not_allowed()),
        };
        Ok(Answer::object(code, &object))
    })
}

fn check_token(state: &State, headers: &HeaderMap) -> Result<(), Failure> {
    if let Some(token) = &state.token
        && headers.get(AUTHORIZATION).is_none_or(|value| value != &format!("Bearer {token}"))
    {
        return Err(Failure::new(401, "Unauthorized"));
    }
    Ok(())
}

/// What is no object.
fn about_itself(path: &str) -> Result<Answer, Failure> {
    match path {
        "/version" => Ok(version()),
        "/readyz" => Ok(Answer::text(200, "ok")),
        path => {
            let unknown = || Failure::new(404, "the server could not find the requested resource");
            discovery::kinds(path).map(|kinds| Answer::object(200, &kinds)).ok_or_else(unknown)
        }
    }
}

fn read(state: Arc<State>, target: Target, request: &Request) -> Result<Answer, Failure> {
    match (request.verb, target.key()) {
        (Verb::Get, Some(key)) => Ok(Answer::object(200, &read::get(&state.store(), &key)?)),
        (Verb::List, None) => Ok(Answer::object(200, &read::list(&state.store(), &target, request)?)),
        (Verb::Watch, None) => Ok(Answer::lines(watch::watch(state, target, request)?.boxed())),
        _ => Err(not_allowed()),
    }
}

fn not_allowed() -> Failure {
    Failure::new(405, "the server does not allow this method on the requested resource")
}

fn version() -> Answer {
    let version = json!({
        "major": "1",
        "minor": "33",
        "gitVersion": "v1.33.0",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "2025-04-23T00:00:00Z",
        "goVersion": "go1.24",
        "compiler": "gc",
        "platform": "linux/amd64",
    });
    Answer::object(200, &version)
}
