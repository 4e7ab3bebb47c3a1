//! What becomes of a request: noted, gone wrong as told, or answered.

use std::{io, net::SocketAddr, sync::Arc};

use hyper::{Response, body::Incoming, http::request::Parts};

use crate::{
    answer::{Answer, Body},
    api, backend,
    fault::Effect,
    git,
    request::Request,
    state::State,
    upload::Upload,
};

/// The answer; an error resets the connection.
pub async fn respond(
    state: Arc<State>,
    client: SocketAddr,
    request: hyper::Request<Incoming>,
) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let noted = Request::new(client, &head.method, &head.uri, &head.headers);
    state.note(noted.clone());
    let trouble = state.faults.meet(&noted);
    tokio::time::sleep(trouble.latency).await;
    let limit = if let Some(Effect::CutRequest(bytes)) = trouble.effect { Some(bytes) } else { None };
    let mut upload = Upload::new(body, &noted, &state, limit);
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    let answer = match trouble.effect {
        None => dispatch(&state, head, &noted, upload).await,
        Some(Effect::Silence) => std::future::pending().await,
        Some(Effect::Status(refusal)) => {
            if !refusal.is_early {
                upload.drain().await;
            }
            refusal.into()
        }
        Some(Effect::CutRequest(_) | Effect::LostAnswer) => {
            dispatch(&state, head, &noted, upload).await.finish().await?;
            return Err(reset());
        }
        Some(Effect::CutResponse(bytes)) => dispatch(&state, head, &noted, upload).await.cut(bytes),
        Some(Effect::ContentType(value)) => dispatch(&state, head, &noted, upload).await.of_type(&value),
        Some(Effect::Commit { repository, branch }) => {
            commit(&state, &repository, branch).await?;
            dispatch(&state, head, &noted, upload).await
        }
        Some(Effect::Latency(_)) => return Err(reset()),
    };
    Ok(answer.into_response())
}

async fn dispatch(state: &Arc<State>, head: Parts, noted: &Request, upload: Upload) -> Answer {
    if noted.path == "/api/healthz" {
        return Answer::text(200, "{\"status\":\"pass\"}").of_type("application/json");
    }
    match (noted.path.strip_prefix("/api/v1/"), noted.path.contains(".git/")) {
        (Some(path), _) => api::respond(state, &head, noted, path, upload).await,
        (None, true) => backend::respond(state, &head, noted, upload).await,
        (None, false) => Answer::text(404, "Not Found\n"),
    }
}

/// A commit of somebody else's, with a file that nobody has.
async fn commit(state: &Arc<State>, repository: &str, branch: String) -> io::Result<()> {
    let dir = state.dir(repository).ok_or(io::ErrorKind::InvalidInput)?;
    let name = format!("other-writer-{}.txt", state.forge().next_id());
    let commit = move || git::commit(&dir, &branch, &[(&name, "by another writer\n")]);
    tokio::task::spawn_blocking(commit).await.map_err(io::Error::other)?.map(drop)
}
