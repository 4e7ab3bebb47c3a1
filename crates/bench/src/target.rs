//! What is measured: a router, or the backends without one.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::backend::ANSWER;
use crate::client_hello::Mode;
use crate::route::Route;

/// How long a client waits for bytes, or for room to send them.
const PATIENCE: Duration = Duration::from_secs(20);

/// Time between two looks whether a route works.
const PAUSE: Duration = Duration::from_millis(20);

/// A router that serves all routes, or the backends themselves.
///
/// Written `name=address` or `name=address,pid=number`; without the process
/// its memory is not measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name it has in the report.
    pub name: String,
    /// Where it listens; nowhere if clients go to the backends themselves.
    address: Option<SocketAddr>,
    /// Its process; the descendants belong to it.
    pub(crate) pid: Option<i32>,
}

impl Target {
    /// No router.
    pub fn direct() -> Self {
        Self { name: "direct".into(), address: None, pid: None }
    }

    /// Connects, sends the hello of `route` and checks that its backend answers.
    pub(crate) fn open(&self, route: &Route, mode: Mode) -> Result<TcpStream> {
        self.open_unnamed(route, mode).with_context(|| format!("`{}` failed for `{}`", self.name, route.host))
    }

    /// Waits until each of `routes` has been seen to work. Routers begin to
    /// listen before they know their routes; none leads to a wrong one.
    pub(crate) fn await_routes(&self, routes: &[Route], patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        for route in routes {
            while let Err(error) = self.open(route, Mode::Answer) {
                if !error.is::<io::Error>() {
                    return Err(error);
                }
                if Instant::now() >= deadline {
                    return Err(error.context(format!("`{}` does not serve after {patience:?}", self.name)));
                }
                thread::sleep(PAUSE);
            }
        }
        Ok(())
    }

    fn open_unnamed(&self, route: &Route, mode: Mode) -> Result<TcpStream> {
        let address = self.address.unwrap_or(route.backend);
        let mut stream =
            TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&route.hello.bytes(mode)).context("cannot send the ClientHello")?;
        let mut answer = [0; ANSWER];
        stream.read_exact(&mut answer).context("no answer to the ClientHello")?;
        ensure!(
            answer == [route.number; ANSWER],
            "backend {} was meant, and {answer:?} came back",
            route.number
        );
        Ok(stream)
    }

    /// Like [`Target::open`], for a connection that goes on to send.
    pub(crate) fn open_to_send(&self, route: &Route, mode: Mode) -> Result<TcpStream> {
        let stream = self.open(route, mode)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }
}

impl FromStr for Target {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, rest) = text.split_once('=').with_context(|| format!("`{text}` is not `name=address`"))?;
        let (address, pid) = match rest.split_once(',') {
            None => (rest, None),
            Some((address, option)) => match option.split_once('=') {
                Some(("pid", pid)) => (address, Some(pid)),
                _ => bail!("`{option}` is not `pid=number`"),
            },
        };
        ensure!(!name.is_empty() && name != "direct", "`{name}` cannot name a router");
        Ok(Self {
            name: name.into(),
            address: Some(address.parse().with_context(|| format!("`{address}` is not an address"))?),
            pid: pid
                .map(|pid| pid.parse().with_context(|| format!("`{pid}` is not a process")))
                .transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::backend::Backends;

    #[test]
    fn reads_targets() {
        let target: Target = "haproxy=127.0.0.1:8443,pid=12".parse().unwrap();
        assert_eq!((target.name.as_str(), target.pid), ("haproxy", Some(12)));
        assert_eq!(target.address.unwrap().port(), 8443);
        let target: Target = "x=127.0.0.1:1".parse().unwrap();
        assert_eq!(target.pid, None);
        for bad in ["x", "x=", "=127.0.0.1:1", "direct=127.0.0.1:1", "x=127.0.0.1:1,pid=a", "x=127.0.0.1:1,p"]
        {
            assert!(bad.parse::<Target>().is_err(), "{bad}");
        }
    }

    #[test]
    fn notices_the_wrong_backend() {
        let backends = Backends::listen(2).unwrap();
        let routes = Route::spread(&["a", "b"], &backends).unwrap();
        let target: Target = format!("fixed={}", routes[0].backend).parse().unwrap();
        assert!(target.open(&routes[0], Mode::Answer).is_ok());
        let error = target.open(&routes[1], Mode::Answer).unwrap_err();
        assert!(format!("{error:#}").contains("backend 1 was meant"), "{error:#}");
    }

    #[test]
    fn waits_for_routes_and_not_for_ever() {
        let backends = Backends::listen(2).unwrap();
        let routes = Route::spread(&["a", "b"], &backends).unwrap();
        Target::direct().await_routes(&routes, Duration::ZERO).unwrap();
        let vacated = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let target: Target = format!("gone={vacated}").parse().unwrap();
        let error = target.await_routes(&routes, Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("`gone` does not serve"), "{error:#}");
    }

    #[test]
    fn notices_a_router_that_closes() {
        let backends = Backends::listen(1).unwrap();
        let routes = Route::spread(&["a"], &backends).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target: Target = format!("closes={}", listener.local_addr().unwrap()).parse().unwrap();
        thread::spawn(move || drop(listener.accept()));
        let error = target.open(&routes[0], Mode::Answer).unwrap_err();
        assert!(error.to_string().contains("`closes` failed for `a`"), "{error:#}");
    }
}
