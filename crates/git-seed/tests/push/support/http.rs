//! A small HTTP server with Git's own `http-backend` behind it, and faults by order.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use super::git::git;

/// The head of a request; the names of headers are in lower case.
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HashMap<String, String>,
}

/// Bytes of a body after which [`Action::Break`] answers.
const PART: u64 = 1 << 16;

/// What to do with a request.
pub enum Action {
    Serve,
    /// Answers with these bytes before the body is read.
    Answer(String),
    /// Answers with these bytes when a part of the body has come, and closes.
    Break(String),
    /// Reads the body, and answers with these bytes.
    AnswerLate(String),
    /// Serves, and sends these bytes in place of the answer.
    Lose(&'static str),
}

type Script = dyn Fn(&Request) -> Action + Send + Sync;

/// Serves one repository; ends with its value.
pub struct Server {
    address: SocketAddr,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn new(repository: PathBuf) -> Self {
        Self::scripted(repository, |_| Action::Serve)
    }

    pub fn scripted(
        repository: PathBuf,
        script: impl Fn(&Request) -> Action + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ends = Arc::new(AtomicBool::new(false));
        let script: Arc<Script> = Arc::new(script);
        let ended = Arc::clone(&ends);
        let thread = thread::spawn(move || {
            let mut connections = Vec::new();
            for stream in listener.incoming().take_while(|_| !ended.load(Ordering::SeqCst)) {
                let (repository, script) = (repository.clone(), Arc::clone(&script));
                // A client that goes away is a part of the tests.
                connections
                    .push(thread::spawn(move || drop(handle(&stream.unwrap(), &repository, &*script))));
            }
            for connection in connections {
                connection.join().unwrap();
            }
        });
        Self { address, ends, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}/repository.git", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        self.thread.take().unwrap().join().unwrap();
    }
}

fn handle(stream: &TcpStream, repository: &PathBuf, script: &Script) -> io::Result<()> {
    let mut input = BufReader::new(stream);
    let mut output = stream;
    let Some(request) = read_head(&mut input)? else {
        return Ok(());
    };
    let action = script(&request);
    if let Action::Answer(answer) = &action {
        output.write_all(answer.as_bytes())?;
        // To close with something unread would reset the connection.
        stream.shutdown(Shutdown::Write)?;
        return io::copy(&mut input, &mut io::sink()).map(drop);
    }
    if request.headers.contains_key("expect") {
        output.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    if let Action::Break(answer) = &action {
        io::copy(&mut input.take(PART), &mut io::sink())?;
        return output.write_all(answer.as_bytes());
    }
    let mut body = body(&request, input);
    if let Action::AnswerLate(answer) = &action {
        io::copy(&mut body, &mut io::sink())?;
        return output.write_all(answer.as_bytes());
    }
    let answer = backend(&request, &mut body, repository)?;
    match action {
        Action::Lose(other) => output.write_all(other.as_bytes()),
        _ => output.write_all(&answer),
    }
}

fn read_head(input: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut words = lines[0].split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines[1..].iter().map(|line| line.split_once(": ").unwrap());
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Ok(Some(Request { method: method.to_owned(), path: path.to_owned(), query: query.to_owned(), headers }))
}

fn body<'a>(request: &Request, input: impl BufRead + 'a) -> Box<dyn Read + 'a> {
    if request.headers.contains_key("transfer-encoding") {
        return Box::new(Chunked { input, left: 0, ended: false });
    }
    let length = request.headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    Box::new(input.take(length))
}

/// A body in chunks; it is an error if it ends before its last one.
struct Chunked<R> {
    input: R,
    left: u64,
    ended: bool,
}

impl<R: BufRead> Read for Chunked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 && !self.ended {
            let mut line = String::new();
            self.input.read_line(&mut line)?;
            if line.trim().is_empty() {
                self.input.read_line(&mut line)?;
            }
            self.left = u64::from_str_radix(line.trim(), 16).map_err(|_| io::ErrorKind::UnexpectedEof)?;
            self.ended = self.left == 0;
        }
        let count = self.input.by_ref().take(self.left).read(out)?;
        self.left -= count as u64;
        if count == 0 && !self.ended { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(count) }
    }
}

/// Runs `git http-backend` as a CGI program; what the client does not send
/// whole ends the program's input early.
fn backend(request: &Request, body: &mut dyn Read, repository: &PathBuf) -> io::Result<Vec<u8>> {
    let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
    let mut command = git(repository, &["http-backend"]);
    command.env("GIT_PROJECT_ROOT", repository).env("GIT_HTTP_EXPORT_ALL", "1").env("REMOTE_USER", "ada");
    command.env("REMOTE_ADDR", "127.0.0.1").env("REQUEST_METHOD", &request.method);
    command.env("PATH_INFO", request.path.trim_start_matches("/repository.git"));
    command.env("QUERY_STRING", &request.query).env("CONTENT_TYPE", header("content-type"));
    command.env("GIT_PROTOCOL", header("git-protocol"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut input = child.stdin.take().unwrap();
    let copied = io::copy(body, &mut input);
    drop(input);
    let output = child.wait_with_output()?.stdout;
    copied?;
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
    let head = String::from_utf8_lossy(&output[..end]);
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{head}\r\n\r\n");
    Ok([head.as_bytes(), &output[end + 4..]].concat())
}
