//! Docker as it would be without something.

use std::env;
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;

const ABSENT: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\
    Connection: close\r\n\r\n{\"message\":\"not here\"}";

/// Listens at `socket` until the test ends: requests whose path has `absent`
/// in it are answered with 404, the others go to the daemon.
pub fn start(socket: &Path, absent: &'static str) {
    let host = env::var("DOCKER_HOST").unwrap_or_default();
    let daemon = host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock").to_owned();
    let listener = UnixListener::bind(socket).unwrap();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let daemon = daemon.clone();
            // Whether a client leaves early is for the client to tell.
            thread::spawn(move || serve(client, &daemon, absent));
        }
    });
}

/// Serves one connection: our program makes one for each request.
fn serve(mut client: UnixStream, daemon: &str, absent: &str) -> io::Result<()> {
    let mut head = [0; 4096];
    let length = client.read(&mut head)?;
    if String::from_utf8_lossy(&head[..length]).lines().next().is_some_and(|line| line.contains(absent)) {
        return client.write_all(ABSENT);
    }
    let mut daemon = UnixStream::connect(daemon)?;
    daemon.write_all(&head[..length])?;
    let (mut upstream, mut requests) = (daemon.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        io::copy(&mut requests, &mut upstream).and_then(|_| upstream.shutdown(Shutdown::Write))
    });
    io::copy(&mut daemon, &mut client)?;
    client.shutdown(Shutdown::Both)
}
