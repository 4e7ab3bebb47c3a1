//! What an answer that is none means.

use std::io::Read as _;

use serde::Deserialize;
use ureq::Body;
use ureq::http::{Response, StatusCode};

use crate::failure::Failure;
use crate::printable::printable;

/// Most of an error's text that is read, in bytes.
const MAX_ERROR: u64 = 64 << 10;
/// Most of it that is shown, in characters.
const MAX_SHOWN: usize = 200;

#[derive(Deserialize)]
struct Errors {
    errors: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    code: String,
    #[serde(default)]
    message: Option<String>,
}

/// Why `host` did not give `what`.
pub fn failure(host: &str, what: &str, response: &mut Response<Body>) -> Failure {
    let status = response.status();
    let detail = detail(response).map(|detail| format!(": {detail}")).unwrap_or_default();
    let login =
        format!("run `docker login {host}`, or name a file that has them with `--registry-credentials`");
    match status {
        StatusCode::UNAUTHORIZED => {
            Failure::missing(format!("`{host}` wants credentials for {what}{detail}")).help(login)
        }
        StatusCode::FORBIDDEN => Failure::missing(format!("`{host}` does not let us have {what}{detail}"))
            .help(format!("ask for access to it; for another user, {login}")),
        StatusCode::NOT_FOUND => Failure::missing(format!("`{host}` does not have {what}{detail}"))
            .help("check registry, repository and version"),
        StatusCode::TOO_MANY_REQUESTS => {
            let after = response.headers().get("retry-after").and_then(|after| after.to_str().ok());
            let when = after.map(|after| format!(" after {}", shown(after))).unwrap_or_default();
            Failure::missing(format!("`{host}` has had too many requests"))
                .help(format!("run it again{when}"))
        }
        status if status.is_server_error() => {
            Failure::missing(format!("`{host}` failed with {status} for {what}{detail}"))
                .help("run it again later; a transfer goes on where it ended")
        }
        status => Failure::failed(format!("`{host}` answered {status} for {what}{detail}"))
            .help("check that it is an OCI registry"),
    }
}

/// `host` has no such repository, or hides it.
pub fn no_repository(host: &str, repository: &str, response: &mut Response<Body>) -> Failure {
    let detail = detail(response).map(|detail| format!(": {detail}")).unwrap_or_default();
    Failure::missing(format!("`{host}` has no repository `{repository}`{detail}")).help(format!(
        "check `--variant` and `--registry-repository`; if it is not for everybody, run `docker login {host}`"
    ))
}

/// What the registry says of an error, if that is what the specification has.
fn detail(response: &mut Response<Body>) -> Option<String> {
    let mut text = Vec::new();
    response.body_mut().as_reader().take(MAX_ERROR).read_to_end(&mut text).ok()?;
    let errors: Errors = serde_json::from_slice(&text).ok()?;
    let Detail { code, message } = errors.errors.into_iter().next()?;
    Some(shown(
        &message.filter(|message| !message.is_empty()).map_or(code.clone(), |it| format!("{code}: {it}")),
    ))
}

fn shown(text: &str) -> String {
    printable(text).replace('\n', " ").chars().take(MAX_SHOWN).collect()
}
