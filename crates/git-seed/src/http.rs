//! A repository behind smart HTTP; see gitprotocol-http(5).

mod credentials;
mod early;
mod failure;
mod preamble;
mod status;

use std::fmt;
use std::io::{self, Cursor, Read};

use ureq::http::{Response, Uri};
use ureq::{Agent, Body, RequestBuilder, SendBody};

pub use credentials::Credentials;
pub use early::EarlyAnswers;

use crate::cause::Cause;
use crate::error::Error;
use crate::{Remote, Service};

/// Bytes of a body that is sent with its length. Some proxies take no other,
/// and answer 411; more than this is not kept in memory.
const WITH_LENGTH: u64 = 1 << 20;

/// A repository behind smart HTTP.
///
/// The [`Agent`] brings what concerns the connection: certificates, proxies,
/// addresses, time-outs. Whatever it says of redirects, none is followed: its
/// new place is told as [`Cause::Redirected`].
pub struct HttpRemote {
    agent: Agent,
    address: String,
    credentials: Option<Credentials>,
}

impl HttpRemote {
    /// A repository by its address, `https://host/owner/name.git`.
    ///
    /// # Errors
    ///
    /// [`Cause::Address`] if that is not an address of HTTP, or has
    /// credentials, a query or a fragment.
    pub fn new(agent: Agent, address: &str, credentials: Option<Credentials>) -> Result<Self, Error> {
        check(address).map_err(|why| Error::new(status::harmless(address), Cause::Address(why)))?;
        let address = address.trim_end_matches('/').to_owned();
        Ok(Self { agent, address, credentials })
    }

    fn get(&self, service: Service) -> Result<Box<dyn Read>, Cause> {
        let kind = format!("application/x-{service}-advertisement");
        let answer = self.ask(|| {
            let request = self.agent.get(format!("{}/info/refs?service={service}", self.address));
            let request = self.prepared(request, service, &kind).header("Cache-Control", "no-cache");
            self.check(request.call(), &kind)
        })?;
        preamble::strip(service, answer)
    }

    fn post(&self, service: Service, body: &mut (dyn Read + Send)) -> Result<Box<dyn Read>, Cause> {
        let kind = format!("application/x-{service}-result");
        let prepared = || {
            let request = self.agent.post(format!("{}/{service}", self.address));
            let request = self.prepared(request, service, &kind);
            request.header("Content-Type", format!("application/x-{service}-request"))
        };
        let mut first = Vec::new();
        body.take(WITH_LENGTH).read_to_end(&mut first)?;
        if (first.len() as u64) < WITH_LENGTH {
            let send = || self.check(prepared().send(&first[..]), &kind);
            return match service {
                Service::UploadPack => self.ask(send),
                Service::ReceivePack => send(),
            };
        }
        // So that a server that does not want it can say so before it comes.
        let request = prepared().header("Expect", "100-continue");
        let answer = request.send(SendBody::from_reader(&mut Cursor::new(first).chain(body)));
        self.check(answer, &kind)
    }

    /// Makes a request that changes nothing. A server may close a connection that
    /// it kept just when it is used again: cut off, it is made a second time.
    fn ask(&self, request: impl Fn() -> Result<Box<dyn Read>, Cause>) -> Result<Box<dyn Read>, Cause> {
        match request() {
            Err(Cause::Cut(_)) => request(),
            answered => answered,
        }
    }

    /// The content of an answer, if it is one of Git's, of the kind `expected`.
    fn check(
        &self,
        answer: Result<Response<Body>, ureq::Error>,
        expected: &str,
    ) -> Result<Box<dyn Read>, Cause> {
        let given = self.credentials.is_some();
        match answer {
            Ok(answer) => status::check(answer, expected, given),
            Err(error) => Err(match early::status(&error) {
                Some(status) => status::of_status(status, given, String::new()),
                None => error.into(),
            }),
        }
    }

    /// A request with what all requests have: every status is an answer, and
    /// `kind` is the one that is hoped for.
    fn prepared<B>(&self, request: RequestBuilder<B>, service: Service, kind: &str) -> RequestBuilder<B> {
        let request = request.config().http_status_as_error(false).max_redirects(0).build();
        let mut request = request.header("Accept", kind);
        if let Some(credentials) = &self.credentials {
            request = request.header("Authorization", credentials.header());
        }
        match service {
            Service::UploadPack => request.header("Git-Protocol", "version=2"),
            Service::ReceivePack => request,
        }
    }
}

/// What is wrong with an address.
fn check(address: &str) -> Result<(), &'static str> {
    let uri: Uri = address.parse().map_err(|_| "it cannot be read")?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(host)) if host.as_str().contains('@') => {
            Err("it has credentials in it")
        }
        (Some("http" | "https"), Some(_)) if uri.query().is_some() || address.contains('#') => {
            Err("it goes on behind the repository")
        }
        (Some("http" | "https"), Some(_)) => Ok(()),
        _ => Err("it does not begin with `https://` or `http://` and a host"),
    }
}

impl fmt::Debug for HttpRemote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRemote").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Remote for HttpRemote {
    fn name(&self) -> String {
        self.address.clone()
    }

    fn advertisement(&self, service: Service) -> io::Result<Box<dyn Read + '_>> {
        Ok(self.get(service)?)
    }

    fn call<'a>(
        &'a self,
        service: Service,
        mut body: Box<dyn Read + Send + 'a>,
    ) -> io::Result<Box<dyn Read + 'a>> {
        Ok(self.post(service, &mut *body)?)
    }
}
