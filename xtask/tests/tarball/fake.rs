//! A registry that does what it is told, and writes down what it is asked.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// A request, as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// With its query.
    pub path: String,
    headers: Vec<(String, String)>,
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    cut: Option<usize>,
    holds: bool,
}

/// Listens on this machine until it is dropped; one connection at a time.
pub struct Fake {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Request {
    /// A header's value; names are in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Where the content is to begin.
    pub fn from(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }

    fn read(stream: &TcpStream) -> Option<Self> {
        let mut lines = BufReader::new(stream).lines();
        let first = lines.next()?.ok()?;
        let path = first.split(' ').nth(1)?.to_owned();
        let headers = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
        let headers = headers.filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_ascii_lowercase(), value.to_owned()))
        });
        Some(Self { path, headers: headers.collect() })
    }
}

impl Answer {
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), cut: None, holds: false }
    }

    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).body(body)
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Only so many bytes of the body are sent; then the connection is closed.
    pub fn cut(mut self, after: usize) -> Self {
        self.cut = Some(after);
        self
    }

    /// Then the connection stays open, until the client closes it.
    pub fn hold(mut self) -> Self {
        self.holds = true;
        self
    }

    /// `whole`, or the part of it that is asked for.
    pub fn part(request: &Request, whole: &[u8]) -> Self {
        match request.from() {
            None => Self::ok(whole),
            Some(from) => {
                let range = format!("bytes {from}-{}/{}", whole.len() - 1, whole.len());
                Self::status(206).header("content-range", range).body(&whole[from..])
            }
        }
    }

    fn write(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        write!(
            stream,
            "HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.status,
            self.body.len()
        )?;
        for (name, value) in &self.headers {
            write!(stream, "{name}: {value}\r\n")?;
        }
        stream.write_all(b"\r\n")?;
        stream.write_all(&self.body[..self.cut.unwrap_or(self.body.len())])?;
        if self.holds { std::io::copy(&mut stream, &mut std::io::sink()).map(drop) } else { Ok(()) }
    }
}

impl Fake {
    /// Answers every request by `answer`.
    pub fn new(answer: impl Fn(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, ended) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, stop) = (Arc::clone(&requests), Arc::clone(&ended));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let stream = stream.unwrap();
                let Some(request) = Request::read(&stream) else { continue };
                seen.lock().unwrap().push(request.clone());
                // A client that has seen enough closes first.
                let _ = answer(&request).write(&stream);
            }
        });
        Self { address, requests, ended, thread: Some(thread) }
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// What of them began with `path`.
    pub fn asked(&self, path: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path.starts_with(path)).collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // One more connection, so that it looks.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !thread::panicking()
        {
            panic!("the registry's thread panicked");
        }
    }
}
