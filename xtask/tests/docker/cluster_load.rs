//! Clients that come and go, and clients that stay, while something changes.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::stand_in::Client;
use crate::wait;

/// Clients that ask who is there, one connection after the other.
const ASKING: usize = 2;
/// Clients that keep their connection, and send all the time.
const STAYING: usize = 4;

/// What became of the connections: the service's name, or what went wrong.
pub struct Load {
    pub asked: Vec<Result<String, String>>,
    pub stayed: Vec<Result<String, String>>,
}

/// Ends the load, also when the change panics.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Makes the change once all who stay are there, and ends the load after it.
pub fn during(client: &Client, router: SocketAddr, host: &str, change: impl FnOnce()) -> Load {
    let (done, flowing) = (AtomicBool::new(false), AtomicUsize::new(0));
    let is_done = || done.load(Ordering::Relaxed);
    let ask = || {
        let mut answers = Vec::new();
        while !is_done() {
            answers.push(client.ask(router, Some(host)).map_err(said));
        }
        answers
    };
    let stay = || -> io::Result<String> {
        let mut open = client.shake_hands(router, Some(host))?;
        open.carries()?;
        flowing.fetch_add(1, Ordering::Relaxed);
        while !is_done() {
            open.carries()?;
        }
        open.finish()
    };
    thread::scope(|scope| {
        let staying = [(); STAYING].map(|()| scope.spawn(stay));
        let asking = [(); ASKING].map(|()| scope.spawn(ask));
        {
            let _done = Done(&done);
            wait::until("the data to flow", || flowing.load(Ordering::Relaxed) == STAYING);
            change();
        }
        Load {
            asked: asking.map(|client| client.join().unwrap()).concat(),
            stayed: staying.map(|client| client.join().unwrap().map_err(said)).into(),
        }
    })
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn said(error: io::Error) -> String {
    error.to_string()
}
