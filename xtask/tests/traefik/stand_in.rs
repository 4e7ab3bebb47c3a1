//! TLS services that answer with their name, and a client that asks.
#![allow(dead_code, reason = "each test crate uses a part of this")]

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// What a client sends at a time, in bytes; buffers on the way hold it.
const PIECE: usize = 8 << 10;
/// A connection that says nothing for so long is stuck.
const STUCK: Duration = Duration::from_secs(30);

/// A certificate for all names, and the trust in it.
pub struct Authority {
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
}

/// A service: whatever comes is sent back, and whoever has sent all it had to
/// send gets the service's name.
pub struct StandIn {
    pub address: SocketAddr,
    client: Arc<ClientConfig>,
}

/// Asks services who they are.
pub struct Client(Arc<ClientConfig>);

/// A connection after its handshake.
pub struct Open(StreamOwned<ClientConnection, TcpStream>);

impl Authority {
    pub fn new(names: Vec<String>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { server: Arc::new(server), client: Arc::new(client) }
    }
}

impl StandIn {
    /// Listens until the test ends; answers `delay` after a client has finished.
    pub fn start(name: &'static str, authority: &Authority, delay: Duration) -> Self {
        Self::start_on(Ipv4Addr::LOCALHOST, name, authority, delay)
    }

    /// The same on another address of this machine.
    pub fn start_on(ip: Ipv4Addr, name: &'static str, authority: &Authority, delay: Duration) -> Self {
        Self::start_at((ip, 0).into(), name, authority, delay)
    }

    /// The same on this port of it.
    pub fn start_at(wanted: SocketAddr, name: &'static str, authority: &Authority, delay: Duration) -> Self {
        let listener = TcpListener::bind(wanted).unwrap();
        let address = listener.local_addr().unwrap();
        let config = Arc::clone(&authority.server);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let config = Arc::clone(&config);
                // Whether a client leaves early is for the client to tell.
                thread::spawn(move || serve(name, stream, config, delay));
            }
        });
        Self { address, client: Arc::clone(&authority.client) }
    }

    /// A client that trusts this service.
    pub fn client(&self) -> Client {
        Client(Arc::clone(&self.client))
    }
}

fn serve(name: &str, stream: TcpStream, config: Arc<ServerConfig>, delay: Duration) -> io::Result<()> {
    stream.set_read_timeout(Some(STUCK))?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut tls = StreamOwned::new(connection, stream);
    let mut piece = [0; PIECE];
    loop {
        match tls.read(&mut piece)? {
            0 => break,
            length => tls.write_all(&piece[..length])?,
        }
        tls.flush()?;
    }
    thread::sleep(delay);
    tls.write_all(name.as_bytes())?;
    tls.conn.send_close_notify();
    tls.flush()
}

impl Client {
    /// The name of the service that answers at `address` for `sni`.
    pub fn ask(&self, address: SocketAddr, sni: Option<&str>) -> io::Result<String> {
        self.shake_hands(address, sni)?.finish()
    }

    /// Connects; a client without an SNI asks for an address.
    pub fn shake_hands(&self, address: SocketAddr, sni: Option<&str>) -> io::Result<Open> {
        let name = sni.map_or_else(|| ServerName::from(address.ip()), |it| it.to_owned().try_into().unwrap());
        let mut connection = ClientConnection::new(Arc::clone(&self.0), name).map_err(io::Error::other)?;
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(STUCK))?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        Ok(Open(StreamOwned::new(connection, stream)))
    }
}

impl Open {
    /// Sends a piece and gets it back as it was.
    pub fn carries(&mut self) -> io::Result<()> {
        let sent: Vec<u8> = (0..=255).cycle().take(PIECE).collect();
        self.0.write_all(&sent)?;
        self.0.flush()?;
        let mut received = vec![0; PIECE];
        self.0.read_exact(&mut received)?;
        if sent == received { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    /// Closes its own half and reads the answer.
    pub fn finish(self) -> io::Result<String> {
        let Self(mut tls) = self;
        tls.conn.send_close_notify();
        tls.flush()?;
        tls.sock.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        tls.read_to_string(&mut answer)?;
        Ok(answer)
    }
}
