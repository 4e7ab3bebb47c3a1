//! What Gitea answers.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::Body;
use ureq::http::Response;
use ureq::http::header::{CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER};
use zeroize::Zeroizing;

use super::Credentials;
use crate::failure::Failure;
use crate::printable::printable;

/// Longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 1 << 20;
/// Longest text of the server that is shown, in characters.
const MAX_SHOWN: usize = 300;

/// An answer of Gitea, or of what is in its place. A token may be in it.
pub struct Answer {
    /// Its status.
    pub status: u16,
    kind: String,
    location: Option<String>,
    retry_after: Option<String>,
    body: Zeroizing<Vec<u8>>,
}

#[derive(Deserialize)]
struct Message {
    message: String,
}

impl Answer {
    /// Reads it to its end.
    pub fn read(answer: Response<Body>) -> Result<Self, ureq::Error> {
        let (head, mut body) = answer.into_parts();
        let header =
            |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok()).map(shown);
        Ok(Self {
            status: head.status.as_u16(),
            kind: header(CONTENT_TYPE).unwrap_or_default(),
            location: header(LOCATION),
            retry_after: header(RETRY_AFTER),
            body: Zeroizing::new(body.with_config().limit(MAX_ANSWER).read_to_vec()?),
        })
    }

    /// What it holds, where it is one that was hoped for.
    pub fn content<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        let read = if self.is_json() { serde_json::from_slice(&self.body).ok() } else { None };
        read.ok_or_else(|| self.stranger().into())
    }

    /// What went wrong, as far as Gitea says so; may be empty.
    pub fn message(&self) -> String {
        let message = serde_json::from_slice(&self.body).map(|Message { message }| shown(&message));
        if self.is_json() { message.unwrap_or_default() } else { String::new() }
    }

    /// Why `what`, such as `make repository a/b`, was not done for `by`.
    pub fn refusal(&self, what: &str, by: Option<&Credentials>) -> Failure {
        let says = match self.message() {
            message if message.is_empty() => String::new(),
            message => format!(": {message}"),
        };
        let cannot = |why: &str| format!("cannot {what}: {why}{says}");
        let who = by.map_or("nobody in particular".to_owned(), ToString::to_string);
        match self.status {
            // What a proxy shows in place of Gitea's words.
            200..=299 | 400..=499 if self.is_page() => self.stranger(),
            300..=399 => self.moved(what),
            400 | 422 => Failure::failed(cannot("Gitea does not take it"))
                .help("change what it names; the profile has the names, Gitea's administrator the rules"),
            401 => Failure::missing(cannot(&format!("Gitea does not accept {who}")))
                .help("`cargo xtask gitea accounts` tells which passwords are not those of their secrets"),
            403 => self.forbidden(&cannot(&format!("Gitea forbids it to {who}"))),
            404 => Failure::missing(cannot(&format!("it does not exist, or {who} gives no right to see it")))
                .help("check the name in the profile, and who may see it"),
            409 => Failure::failed(cannot("there is one already")).help("use another name"),
            423 => Failure::failed(cannot("it is archived, or locked"))
                .help("take it out of the archive in Gitea's settings of the repository"),
            429 => {
                let when = self.retry_after.as_ref().map(|time| format!(" for {time} s")).unwrap_or_default();
                Failure::missing(cannot("Gitea, or what is in front of it, is asked too often"))
                    .help(format!("wait{when} and run this again"))
            }
            500..=599 => Failure::missing(cannot(&format!("the server fails with status {}", self.status)))
                .help("run this again; Gitea's log tells more"),
            status => Failure::failed(cannot(&format!("Gitea answers with status {status}")))
                .help("check that this is a Gitea of version 1.24 or newer"),
        }
    }

    fn forbidden(&self, message: &str) -> Failure {
        let said = self.message().to_lowercase();
        let help = if said.contains("scope") {
            "give a token that has the scope, or the account's password"
        } else if said.contains("change your password") || said.contains("must change") {
            "`cargo xtask gitea accounts` mends this for the profile's accounts; log in once as the administrator"
        } else if said.contains("admin") {
            "give the credentials of the administrator, or of an owner"
        } else {
            "give the credentials of an account that may do this, such as the repository's owner"
        };
        Failure::missing(message).help(help)
    }

    fn moved(&self, what: &str) -> Failure {
        let to = self.location.as_deref().unwrap_or("another place, which it does not name");
        Failure::failed(format!("cannot {what}: it has moved to `{to}`"))
            .help("use its new name in the profile; redirects are not followed, for they may lead anywhere")
    }

    fn stranger(&self) -> Failure {
        let kind = if self.kind.is_empty() { "nothing that is typed" } else { &self.kind };
        let message = format!("something else than Gitea answers: status {} with {kind}", self.status);
        Failure::failed(message)
            .help("check the address: a proxy, or a page to log in, may be in front of it")
    }

    fn is_json(&self) -> bool {
        self.kind.to_ascii_lowercase().starts_with("application/json")
    }

    fn is_page(&self) -> bool {
        self.kind.to_ascii_lowercase().starts_with("text/html")
    }
}

/// Text of a server, made safe to print.
fn shown(text: &str) -> String {
    printable(text).replace('\n', " ").chars().take(MAX_SHOWN).collect()
}
