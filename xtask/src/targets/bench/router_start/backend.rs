//! Two load balancers that tell which one they are, and a client that asks
//! through the router.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

/// How long either side waits for the other's bytes.
const PATIENCE: Duration = Duration::from_secs(1);
/// Room for any `ClientHello` of ours.
const HELLO: usize = 4096;

/// The addresses of the load balancers. What each answers is the last byte of
/// its address, which no TLS server would send first.
pub const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::new(127, 0, 0, 3)];

/// Listens on both addresses until the program ends.
pub fn listen(port: u16) -> anyhow::Result<()> {
    ADDRESSES.into_iter().try_for_each(|ip| {
        let address = SocketAddr::from((ip, port));
        let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
        let serve = move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                // A client that leaves early asks again.
                let _ = answer(&mut stream, ip);
            }
        };
        thread::Builder::new().name(ip.to_string()).spawn(serve).context("cannot start a thread")?;
        Ok(())
    })
}

fn answer(stream: &mut TcpStream, ip: Ipv4Addr) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    if stream.read(&mut [0; HELLO])? > 0 {
        stream.write_all(&ip.octets()[3..])?;
    }
    Ok(())
}

/// Asks, with a new connection each time, who is behind the router.
pub struct Client {
    router: SocketAddr,
    hello: Vec<u8>,
}

impl Client {
    /// A client that asks for `host`.
    pub fn new(router: SocketAddr, host: &str) -> anyhow::Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("no TLS version to speak")?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let name = ServerName::try_from(host.to_owned()).with_context(|| format!("`{host}` is no name"))?;
        let mut hello = Vec::new();
        let mut connection = ClientConnection::new(Arc::new(config), name).context("cannot speak TLS")?;
        connection.write_tls(&mut hello).context("cannot write a ClientHello")?;
        Ok(Self { router, hello })
    }

    /// Whether the load balancer at `ip` answers.
    pub fn reaches(&self, ip: IpAddr) -> bool {
        let ask = || {
            let mut stream = TcpStream::connect_timeout(&self.router, PATIENCE)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.write_all(&self.hello)?;
            let mut answer = [0];
            stream.read_exact(&mut answer)?;
            std::io::Result::Ok(answer)
        };
        ask().is_ok_and(|answer| matches!(ip, IpAddr::V4(ip) if answer == ip.octets()[3..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_tells_one_load_balancer_from_the_other() {
        // A port that is free on one address of loopback may be taken on another.
        let free = || crate::ports::free_address().unwrap().port();
        let port = std::iter::repeat_with(free).find(|port| listen(*port).is_ok()).unwrap();
        let [one, other] = ADDRESSES.map(IpAddr::from);
        let client = Client::new(SocketAddr::new(one, port), "argo.kind.internal").unwrap();
        assert!(client.reaches(one));
        assert!(!client.reaches(other));
    }
}
