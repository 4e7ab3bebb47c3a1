//! What the tests of the router share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test uses its own part; a failed set-up is a failed test"
)]

pub(crate) mod payload;

use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use routing::{EntryPoint, HostPattern, Route, RoutingTable};
use sni_router::hello::{HelloError, HelloParser, Progress};
use sni_router::{Event, Listener, Router, Settings};

/// Far longer than anything takes here; only a defect waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// What a parser knows after some bytes.
#[derive(Debug, PartialEq)]
pub(crate) enum Known {
    /// The hello is not complete.
    Part,
    /// The hello names this host.
    Host(Option<String>),
}

/// Feeds pieces to a parser until it knows, or all are used up.
pub(crate) fn parse(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Known, HelloError> {
    let mut parser = HelloParser::default();
    for piece in pieces {
        match parser.feed(piece.as_ref())? {
            Progress::NeedMore(more) => parser = more,
            Progress::Complete(name) => return Ok(Known::Host(name.map(String::from))),
        }
    }
    Ok(Known::Part)
}

/// A `ClientHello` in one record, for `sni`.
pub(crate) fn client_hello(sni: Option<&str>) -> Vec<u8> {
    record(&handshake(&hello_body(&sni.map(server_name).unwrap_or_default())))
}

/// The body of a `ClientHello` with these extensions and one of no meaning.
pub(crate) fn hello_body(extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 1, 1, 0]);
    let mut all = extensions.to_vec();
    all.extend([0xff, 0x01, 0, 1, 0]);
    body.extend(vector16(&all));
    body
}

/// A `server_name` extension.
pub(crate) fn server_name(name: &str) -> Vec<u8> {
    let mut entry = vec![0];
    entry.extend(vector16(name.as_bytes()));
    let mut extension = vec![0, 0];
    extension.extend(vector16(&vector16(&entry)));
    extension
}

pub(crate) fn handshake(body: &[u8]) -> Vec<u8> {
    let mut message = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    message[0] = 1;
    message.extend(body);
    message
}

pub(crate) fn record(fragment: &[u8]) -> Vec<u8> {
    let mut record = vec![22, 3, 1];
    record.extend(vector16(fragment));
    record
}

pub(crate) fn vector16(bytes: &[u8]) -> Vec<u8> {
    let mut vector = u16::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    vector.extend(bytes);
    vector
}

/// A router on an ephemeral port of loopback, and the events it sent.
pub(crate) struct Running {
    pub(crate) router: Router,
    pub(crate) address: SocketAddr,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Running {
    pub(crate) fn start(table: Vec<Route>, settings: Settings) -> Self {
        let socket = sni_router::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&events);
        let listener = Listener { entry_point: EntryPoint::Https, socket };
        let sink = Arc::new(move |event| sink.lock().unwrap().push(event));
        let router =
            Router::start(vec![listener], RoutingTable::new(table).unwrap(), settings, sink).unwrap();
        Self { router, address, events }
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().clone()
    }

    /// A client that has sent a hello for `sni`.
    pub(crate) fn client(&self, sni: &str) -> TcpStream {
        use std::io::Write;
        let mut client = self.connect();
        client.write_all(&client_hello(Some(sni))).unwrap();
        client
    }

    /// A client that has sent nothing.
    pub(crate) fn connect(&self) -> TcpStream {
        patient(TcpStream::connect(self.address).unwrap())
    }

    pub(crate) fn route(&self, name: &str) -> sni_router::RouteSnapshot {
        let routes = self.router.snapshot().routes;
        routes.into_iter().find(|route| route.name == name).unwrap()
    }

    /// Of the listener and all routes.
    pub(crate) fn failures(&self, reason: sni_router::Reason) -> u64 {
        self.router.snapshot().totals.failures.get(&reason).copied().unwrap_or(0)
    }
}

/// A hanging test is a failing test.
pub(crate) fn patient(stream: TcpStream) -> TcpStream {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// A route of that name for `<name>.kind.internal`.
pub(crate) fn route(name: &str, backend: Option<SocketAddr>) -> Route {
    Route {
        name: name.into(),
        entry_point: EntryPoint::Https,
        hosts: vec![HostPattern::parse(&format!("{name}.kind.internal")).unwrap()],
        priority: 20,
        backend: backend.map(|address| address.try_into().unwrap()),
    }
}

/// Waits for a condition, which is looked at often.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// A backend on an ephemeral port: `serve` gets every connection on a thread.
pub(crate) fn backend(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(patient(stream)));
        }
    });
    address
}

/// Sends back what it gets, and ends when the client does.
pub(crate) fn echo() -> SocketAddr {
    backend(|mut stream| {
        let mut reader = stream.try_clone().unwrap();
        // A client that goes away ends the copy, which is the end of this test's interest.
        let _ = std::io::copy(&mut reader, &mut stream);
    })
}

/// Length of the hello for `argo.kind.internal`, and of any name as long.
pub(crate) fn hello_len() -> usize {
    client_hello(Some("argo.kind.internal")).len()
}

pub(crate) fn skip_hello(stream: &mut TcpStream) {
    use std::io::Read;
    stream.read_exact(&mut vec![0; hello_len()]).unwrap();
}

/// Closes with a reset.
pub(crate) fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}
