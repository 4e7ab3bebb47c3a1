//! An HTTP/1.1 server that answers lists and watches by a function.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// What was asked.
pub(crate) struct Asked {
    /// The path and its query.
    pub target: String,
    /// Whether it is a watch.
    pub watch: bool,
    /// How many of its kind, lists or watches, came before.
    pub before: usize,
}

/// What is answered.
pub(crate) enum Answer {
    /// A status code and a JSON body.
    Body(u16, String),
    /// The lines of a watch, which then stays open until [`Api::push`] or for ever.
    Hold(Vec<String>),
    /// The lines of a watch, which then ends as it should.
    End(Vec<String>),
    /// The lines of a watch, which is then cut.
    Cut(Vec<String>),
    /// Nothing, ever.
    Silence,
    /// These bytes, whatever they mean.
    Bytes(&'static [u8]),
}

/// The server. Ends with the runtime.
pub(crate) struct Api {
    pub address: SocketAddr,
    pushed: watch::Sender<Vec<String>>,
    open: watch::Sender<usize>,
}

type Script = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

struct Shared {
    script: Script,
    counts: [AtomicUsize; 2],
    pushed: watch::Receiver<Vec<String>>,
    open: watch::Sender<usize>,
}

impl Api {
    pub(crate) async fn start(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(None, script).await
    }

    pub(crate) async fn start_with(
        tls: Option<TlsAcceptor>,
        script: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (pushed, receiver) = watch::channel(Vec::new());
        let (open, _) = watch::channel(0);
        let counts = [AtomicUsize::new(0), AtomicUsize::new(0)];
        let shared =
            Arc::new(Shared { script: Arc::new(script), counts, pushed: receiver, open: open.clone() });
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, tls) = (shared.clone(), tls.clone());
                tokio::spawn(async move {
                    shared.open.send_modify(|open| *open += 1);
                    match tls {
                        None => serve(stream, &shared).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &shared).await;
                            }
                        }
                    }
                    shared.open.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { address, pushed, open }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a line to every watch that is held, now and from now on.
    pub(crate) fn push(&self, line: String) {
        self.pushed.send_modify(|lines| lines.push(line));
    }

    /// Waits until nobody is connected.
    pub(crate) async fn deserted(&self) {
        let mut open = self.open.subscribe();
        tokio::time::timeout(super::PATIENCE, open.wait_for(|&open| open == 0)).await.unwrap().unwrap();
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared) {
    while let Some(target) = request(&mut stream).await {
        let watch = target.contains("watch=true");
        let before = shared.counts[usize::from(watch)].fetch_add(1, Ordering::SeqCst);
        let answer = (shared.script)(&Asked { target, watch, before });
        if respond(&mut stream, answer, shared).await.is_none() {
            return;
        }
    }
}

/// The target of the next request; requests have no bodies here.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    head.split(' ').nth(1).map(str::to_owned)
}

/// `None`: the connection is over.
async fn respond(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    answer: Answer,
    shared: &Shared,
) -> Option<()> {
    let (lines, hold, end) = match answer {
        Answer::Body(code, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {code} So\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
            );
            return stream.write_all(format!("{head}{body}").as_bytes()).await.ok();
        }
        Answer::Bytes(bytes) => {
            stream.write_all(bytes).await.ok()?;
            stream.shutdown().await.ok()?;
            return None;
        }
        Answer::Silence => {
            stream.read_u8().await.ok();
            return None;
        }
        Answer::Hold(lines) => (lines, true, false),
        Answer::End(lines) => (lines, false, true),
        Answer::Cut(lines) => (lines, false, false),
    };
    stream.write_all(b"HTTP/1.1 200 So\r\ntransfer-encoding: chunked\r\n\r\n").await.ok()?;
    write_lines(stream, &lines).await?;
    if hold {
        held(stream, shared.pushed.clone()).await?;
    }
    if end { stream.write_all(b"0\r\n\r\n").await.ok() } else { None }
}

/// Writes what is pushed until the client goes.
async fn held(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    mut pushed: watch::Receiver<Vec<String>>,
) -> Option<()> {
    let mut written = 0;
    loop {
        let lines = pushed.borrow_and_update()[written..].to_vec();
        written += lines.len();
        write_lines(stream, &lines).await?;
        tokio::select! {
            changed = pushed.changed() => changed.ok()?,
            _ = stream.read_u8() => return None,
        }
    }
}

async fn write_lines(stream: &mut (impl AsyncWrite + Unpin), lines: &[String]) -> Option<()> {
    for line in lines {
        stream.write_all(format!("{:x}\r\n{line}\n\r\n", line.len() + 1).as_bytes()).await.ok()?;
    }
    stream.flush().await.ok()
}
