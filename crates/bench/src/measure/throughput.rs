//! Bulk transfers in one direction.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::{Context as _, Result};

use super::{Window, while_clients_run};
use crate::backend::{Backends, CHUNK};
use crate::client_hello::Mode;
use crate::route::Route;
use crate::target::Target;

/// Transfers that go on at the same time, each on a route of its own.
pub(crate) const CONNECTIONS: usize = 4;

/// Bytes per second from backend to client, counted at the client.
pub(crate) fn down(target: &Target, routes: &[Route], window: Window) -> Result<f64> {
    let received = AtomicU64::new(0);
    let client = |number: usize, stop: &AtomicBool| {
        let stream = target.open(&routes[number % routes.len()], Mode::Source)?;
        receive(stream, &received, stop).with_context(|| format!("transfer down through `{}`", target.name))
    };
    let (rate, _) =
        while_clients_run(CONNECTIONS, client, || window.rate(|| received.load(Ordering::Relaxed)))?;
    Ok(rate)
}

fn receive(mut stream: TcpStream, received: &AtomicU64, stop: &AtomicBool) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    while !stop.load(Ordering::Relaxed) {
        match stream.read(&mut chunk)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => received.fetch_add(read as u64, Ordering::Relaxed),
        };
    }
    Ok(())
}

/// Bytes per second from client to backend, counted at the backend.
///
/// In the end the clients half-close and wait for the backend to close, so a
/// router that does not carry a half-close fails here.
pub(crate) fn up(target: &Target, routes: &[Route], backends: &Backends, window: Window) -> Result<f64> {
    let client = |number: usize, stop: &AtomicBool| {
        let stream = target.open_to_send(&routes[number % routes.len()], Mode::Sink)?;
        send(stream, stop).with_context(|| format!("transfer up through `{}`", target.name))
    };
    let (rate, _) = while_clients_run(CONNECTIONS, client, || window.rate(|| backends.sunk()))?;
    Ok(rate)
}

fn send(mut stream: TcpStream, stop: &AtomicBool) -> io::Result<()> {
    let chunk = vec![0x5a; CHUNK];
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(&chunk)?;
    }
    stream.shutdown(Shutdown::Write)?;
    match stream.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(io::Error::other("bytes came back that nobody sent")),
    }
}
