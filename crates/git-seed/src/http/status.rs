//! What an answer's status and kind say.

use std::io::Read;

use ureq::Body;
use ureq::http::Response;
use ureq::http::header::{CONTENT_TYPE, HeaderName, LOCATION};

use crate::cause::Cause;
use crate::text::{Words, plain};

/// Bytes of an error's text that are read.
const SAID: u64 = 1024;

/// The content of an answer, if it is one of Git's, of the kind `expected`.
pub(super) fn check(answer: Response<Body>, expected: &str, given: bool) -> Result<Box<dyn Read>, Cause> {
    let status = answer.status().as_u16();
    let kind = header(&answer, &CONTENT_TYPE);
    match status {
        200 if kind == expected => Ok(Box::new(answer.into_body().into_reader())),
        200..=299 => Err(Cause::NotGit { content_type: kind }),
        300..=399 => Err(Cause::Redirected { status, to: harmless(&header(&answer, &LOCATION)) }),
        _ => Err(of_status(status, given, said(answer, &kind))),
    }
}

/// What a status of 400 or above says; `given` is whether credentials were.
pub(super) fn of_status(status: u16, given: bool, says: String) -> Cause {
    match status {
        401 => Cause::Unauthorized { given },
        403 => Cause::Forbidden { says },
        404 => Cause::NotFound,
        411 => Cause::LengthRequired,
        413 => Cause::TooLarge,
        500.. => Cause::Server { status, says },
        _ => Cause::Status { status, says },
    }
}

/// A header's value without parameters, fit to be shown.
fn header(answer: &Response<Body>, name: &HeaderName) -> String {
    let value = answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value = value.split(';').next().unwrap_or_default();
    plain(value.trim()).chars().take(300).collect()
}

/// The server's words, if they are meant for people and are not a page.
fn said(answer: Response<Body>, kind: &str) -> String {
    let mut text = Vec::new();
    if kind != "text/plain" {
        return String::new();
    }
    match answer.into_body().into_reader().take(SAID).read_to_end(&mut text) {
        Ok(_) => Words::of(&text),
        Err(_) => String::new(),
    }
}

/// An address without credentials, and without what is asked for there.
pub(super) fn harmless(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let address = address.strip_suffix("/info/refs").unwrap_or(address);
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or_default();
    let colon = if scheme.is_empty() { "" } else { "://" };
    plain(&format!("{scheme}{colon}{host}{path}"))
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn addresses_are_shown_without_secrets() {
        assert_eq!(
            harmless("https://me:secret@host:1/a/b.git/info/refs?service=x"),
            "https://host:1/a/b.git"
        );
        assert_eq!(harmless("/other/b.git"), "/other/b.git");
        assert_eq!(harmless("me:secret@host/a"), "host/a");
        assert_eq!(harmless(""), "");
    }
}
