//! What a server answers while it is still sent the request.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use git_seed::{Cause, Credentials, HttpRemote, Remote as _, Service};
use rustls::{ServerConnection, StreamOwned};

use super::{NAME, Shown, agent, authority, given, params, server_config, signed};

/// More than the connection's buffers hold.
const BODY: u64 = 64 << 20;
/// What of it the server takes.
const TAKEN: u64 = 100_000;

/// Takes a part of a request's body, then answers and closes on what is under way.
fn serve(shown: Shown, status: &'static str) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(Arc::new(server_config(shown))).unwrap();
        let mut stream = BufReader::new(StreamOwned::new(connection, socket));
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).unwrap();
        }
        stream.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
        io::copy(&mut (&mut stream).take(TAKEN), &mut io::sink()).unwrap();
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        stream.get_mut().write_all(answer.as_bytes()).unwrap();
    });
    (address, served)
}

/// Why a large upload failed.
fn upload(status: &'static str, credentials: Option<Credentials>) -> Cause {
    let authority = authority();
    let (address, served) = serve(signed(&params(NAME, false), &authority), status);
    let agent = agent(&given(authority.der()), address);
    let remote = HttpRemote::new(agent, &format!("https://{NAME}/a/b.git"), credentials).unwrap();
    let sent = remote.call(Service::ReceivePack, Box::new(io::repeat(b'x').take(BODY)));
    let error = sent.map(drop).unwrap_err();
    served.join().unwrap();
    error.into()
}

#[test]
fn a_refusal_in_the_middle_of_the_body_is_heard() {
    let cause = upload("413 Payload Too Large", None);
    assert!(matches!(cause, Cause::TooLarge), "{cause}");
    let cause = upload("411 Length Required", None);
    assert!(matches!(cause, Cause::LengthRequired), "{cause}");
    let cause = upload("503 Service Unavailable", None);
    assert!(matches!(cause, Cause::Server { status: 503, .. }), "{cause}");
}

#[test]
fn it_is_known_whether_there_were_credentials() {
    for credentials in [None, Some(Credentials::basic("me", "token"))] {
        let given = credentials.is_some();
        let cause = upload("401 Unauthorized", credentials);
        assert!(matches!(cause, Cause::Unauthorized { given: told } if told == given), "{cause}");
    }
}
