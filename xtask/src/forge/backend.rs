//! Git's `http-backend`, a program for each request (RFC 3875).

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::HeaderValue;
use hyper::{Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy, sink};
use tokio::net::unix::pipe;
use tokio::sync::OwnedSemaphorePermit;

use crate::context::Context;
use crate::git::git;
use crate::process::{Pipes, Program, Running};

/// Longest head of an answer, in bytes.
const MAX_HEAD: usize = 16 << 10;
/// How much is passed on at once, in bytes.
const CHUNK: usize = 64 << 10;

/// Bytes as they come.
pub(super) type Body = BoxBody<Bytes, io::Error>;

/// What a program still has to say; it ends with this.
struct Answer {
    output: pipe::Receiver,
    running: Option<Running>,
    permit: Option<OwnedSemaphorePermit>,
}

/// Lets Git answer the request for the repository at `folder`, as it streams;
/// the permit is kept until it has.
pub(super) async fn answer(
    cx: &Context,
    folder: &Path,
    service: &str,
    request: Request<Incoming>,
    permit: OwnedSemaphorePermit,
) -> io::Result<Response<Body>> {
    let program = program(cx, folder, service, &request);
    let (running, Pipes { stdin, stdout, stderr }) = program.start_piped(cx).map_err(io::Error::other)?;
    // What matters it says in its answer. The rest is read all the same: to
    // write where nobody reads would end it.
    let complaints = pipe::Receiver::from_owned_fd(OwnedFd::from(stderr))?;
    tokio::spawn(async move { copy(&mut { complaints }, &mut sink()).await });
    let input = pipe::Sender::from_owned_fd(OwnedFd::from(stdin))?;
    let output = pipe::Receiver::from_owned_fd(OwnedFd::from(stdout))?;
    tokio::spawn(pass_on(request.into_body(), input));
    let mut answer = Answer { output, running: Some(running), permit: Some(permit) };
    let mut start = Vec::new();
    let end = loop {
        if let Some(end) = start.windows(4).position(|end| end == b"\r\n\r\n") {
            break end;
        }
        if start.len() > MAX_HEAD || answer.output.read_buf(&mut start).await? == 0 {
            return Err(io::Error::new(ErrorKind::InvalidData, "git http-backend gave no answer"));
        }
    };
    let response = head(&start[..end])?;
    let rest = Bytes::copy_from_slice(&start[end + 4..]);
    let body = stream::try_unfold((Some(rest), answer), async |(first, mut answer)| {
        let bytes = match first {
            Some(first) if !first.is_empty() => first,
            _ => answer.next().await?,
        };
        Ok((!bytes.is_empty()).then(|| (Frame::data(bytes), (None, answer))))
    });
    response.body(StreamBody::new(body).boxed()).map_err(io::Error::other)
}

fn program(cx: &Context, folder: &Path, service: &str, request: &Request<Incoming>) -> Program {
    let header = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes).unwrap_or_default();
    let header = |name: &str| OsStr::from_bytes(header(name)).to_owned();
    git(cx)
        .args(["http-backend"])
        .variable("GIT_PROJECT_ROOT", folder)
        .variable("GIT_HTTP_EXPORT_ALL", "1")
        .variable("PATH_INFO", service)
        .variable("REQUEST_METHOD", request.method().as_str())
        .variable("QUERY_STRING", request.uri().query().unwrap_or_default())
        .variable("CONTENT_TYPE", header("content-type"))
        .variable("CONTENT_LENGTH", header("content-length"))
        .variable("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .variable("GIT_PROTOCOL", header("git-protocol"))
}

/// The status and the headers of a CGI answer.
fn head(text: &[u8]) -> io::Result<hyper::http::response::Builder> {
    let odd = |_| io::Error::new(ErrorKind::InvalidData, "git http-backend gave an odd answer");
    let text = std::str::from_utf8(text).map_err(|error| odd(error.to_string()))?;
    let mut response = Response::builder();
    for line in text.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or_else(|| odd(line.to_owned()))?;
        let value = value.trim();
        response = if name.eq_ignore_ascii_case("status") {
            response.status(value.split(' ').next().unwrap_or_default())
        } else {
            response.header(name, value)
        };
    }
    Ok(response)
}

/// A client that goes in the middle is its own affair, and so is a program
/// that has heard enough.
async fn pass_on(mut body: Incoming, mut input: pipe::Sender) {
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data()
            && input.write_all(&data).await.is_err()
        {
            break;
        }
    }
}

impl Answer {
    /// More of it; empty at its end.
    async fn next(&mut self) -> io::Result<Bytes> {
        let mut chunk = Vec::with_capacity(CHUNK);
        self.output.read_buf(&mut chunk).await?;
        Ok(chunk.into())
    }
}

impl Drop for Answer {
    /// To see a program end can take a moment, in which others are served.
    fn drop(&mut self) {
        let (running, permit) = (self.running.take(), self.permit.take());
        tokio::task::spawn_blocking(move || {
            drop(running);
            drop(permit);
        });
    }
}
