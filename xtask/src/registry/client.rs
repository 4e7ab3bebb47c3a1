//! Requests to a registry, with who asks, and along where it leads.

use std::io::Read as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use cluster::Proxies;
use ureq::Body;
use ureq::http::header::{AUTHORIZATION, LOCATION, WWW_AUTHENTICATE};
use ureq::http::{Response, StatusCode, Uri};
use zeroize::Zeroizing;

use super::answer;
use super::challenge::Challenge;
use super::credentials::Keys;
use super::error::Error;
use super::lead;
use super::place::Place;
use crate::context::Context;
use crate::failure::Failure;
use crate::https::{self, Tls, Trust};

/// How often it may lead elsewhere: a content network may have several levels.
const MAX_REDIRECTS: usize = 5;

/// How a registry is reached.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// `host` or `host:port`.
    pub host: &'a str,
    /// Without TLS, on this machine.
    pub plain: bool,
    /// The certificates, in PEM, that it and where it leads must have, in place
    /// of those that this machine trusts.
    pub ca: Option<&'a Path>,
    /// A file with credentials, in place of the configuration of Docker's client.
    pub credentials: Option<&'a Path>,
}

/// A registry that is read from.
pub struct Registry {
    pub(super) place: Place,
    tls: Tls,
    proxies: Proxies,
    pub(super) keys: Keys,
    /// What it was satisfied with before: a secret.
    authorization: Mutex<Option<Zeroizing<String>>>,
}

impl Registry {
    /// Asks nobody yet.
    pub fn new(cx: &Context, access: &Access<'_>) -> anyhow::Result<Self> {
        let place = Place::new(access.host, access.plain)?;
        let keys = Keys::new(access.credentials, cx.environment.docker.config.as_deref())?;
        let named = access.ca.map(|path| Trust::of_file(cx, "--registry-ca", path));
        Ok(Self {
            place,
            tls: Tls::new(&named.unwrap_or(Ok(Trust::System))?)?,
            proxies: cx.environment.proxies.clone(),
            keys,
            authorization: Mutex::default(),
        })
    }

    /// What the user calls it.
    pub fn host(&self) -> &str {
        &self.place.host
    }

    /// The answer to a request for `path`, which may be in `repository` alone,
    /// after redirects. Its status is none of those that ask for more.
    pub(super) fn get(
        &self,
        repository: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Response<Body>, Error> {
        let mut uri = self.place.uri(path)?;
        let mut is_known = false;
        for _ in 0..=MAX_REDIRECTS {
            let mut response = self.send_known(&uri, headers)?;
            if response.status() == StatusCode::UNAUTHORIZED && self.place.is_at(&uri) && !is_known {
                is_known = true;
                if self.introduce(repository, &response)? {
                    response = self.send_known(&uri, headers)?;
                }
            }
            if !response.status().is_redirection() {
                return Ok(response);
            }
            uri = self.lead(&uri, &response)?;
        }
        let message = format!("`{}` leads elsewhere more than {MAX_REDIRECTS} times", self.host());
        Err(Failure::failed(message).help("check that it is an OCI registry").into())
    }

    /// Finds out what satisfies the registry; false if it wants what we do not have.
    fn introduce(&self, repository: &str, response: &Response<Body>) -> Result<bool, Error> {
        let headers = response.headers().get_all(WWW_AUTHENTICATE);
        let challenges: Vec<_> =
            headers.iter().filter_map(|header| header.to_str().ok()).flat_map(Challenge::parse).collect();
        let of = |scheme: &str| challenges.iter().find(|challenge| challenge.scheme == scheme);
        let found = match (of("bearer"), of("basic")) {
            (Some(bearer), _) => Some(self.token(repository, bearer)?),
            (None, Some(_)) => self.keys.find(self.host())?.map(|credentials| credentials.basic()),
            (None, None) => None,
        };
        let is_found = found.is_some();
        *self.authorization.lock().unwrap_or_else(PoisonError::into_inner) = found;
        Ok(is_found)
    }

    /// Who asks is told to the registry alone, and not to where it leads.
    fn send_known(&self, uri: &Uri, headers: &[(&str, &str)]) -> Result<Response<Body>, Error> {
        let known = self.authorization.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let known = known.filter(|_| self.place.is_at(uri));
        self.send(uri, headers, known.as_ref().map(|known| known.as_str()))
    }

    /// One request.
    pub(super) fn send(
        &self,
        uri: &Uri,
        headers: &[(&str, &str)],
        authorization: Option<&str>,
    ) -> Result<Response<Body>, Error> {
        let agent = https::agent(&self.tls, None, self.proxies.to(uri).as_ref())?;
        let mut request = agent.get(uri);
        for &(name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(authorization) = authorization {
            // What the HTTP client makes of it is beyond our reach.
            request = request.header(AUTHORIZATION, authorization);
        }
        let server = uri.authority().map(ToString::to_string).unwrap_or_default();
        request.call().map_err(|error| {
            let failure = https::failure(&server, &error).into();
            if https::is_unreachable(&error) { Error::Unavailable(failure) } else { Error::Other(failure) }
        })
    }

    fn lead(&self, from: &Uri, response: &Response<Body>) -> anyhow::Result<Uri> {
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let uri = location.and_then(|location| lead::follow(from, location));
        let allowed = uri.filter(|uri| self.place.may_lead_to(uri));
        // A signed address is a secret, so it is not shown.
        allowed.with_context(|| {
            Failure::failed(format!("`{}` leads to an address that is not followed", self.host()))
                .help("it must be an https:// one without a user in it")
        })
    }

    /// At most `limit` bytes of an answer that succeeded; `what` is for people.
    pub(super) fn read(
        &self,
        what: &str,
        mut response: Response<Body>,
        limit: u64,
    ) -> Result<Vec<u8>, Error> {
        let status = response.status();
        if !status.is_success() {
            let failure = answer::failure(self.host(), what, &mut response).into();
            let is_failing = status.is_server_error();
            return Err(if is_failing { Error::Unavailable(failure) } else { Error::Other(failure) });
        }
        let mut content = Vec::new();
        let reader = response.into_body().into_with_config().limit(u64::MAX).reader();
        let read = reader.take(limit + 1).read_to_end(&mut content).with_context(|| {
            Failure::missing(format!("`{}` broke off in the middle of {what}", self.host()))
                .help("run it again")
        });
        read.map_err(Error::Unavailable)?;
        if content.len() as u64 > limit {
            let message = format!("{what} has more than {limit} bytes");
            return Err(Failure::failed(message).help("check that it is an OCI registry").into());
        }
        Ok(content)
    }
}
