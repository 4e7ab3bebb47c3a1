//! Ports of this machine: who listens on one, and which is free.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::Context as _;

#[cfg(target_os = "linux")]
use crate::printable::printable;

/// The owner of a listening socket, as far as we may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A process of ours, or any process when we are root.
    Process {
        /// Its id.
        pid: i32,
        /// Its name, as in `ps -o comm`.
        name: String,
    },
    /// A process that we may not look into.
    User(u32),
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { pid, name } => write!(f, "process {pid} (`{name}`)"),
            Self::User(uid) => write!(f, "a process of user {uid}"),
        }
    }
}

/// Who listens where a listener on `address` would; `None` when nobody is
/// found, or where the system does not tell.
#[cfg(target_os = "linux")]
pub fn holder(address: SocketAddr) -> Option<Holder> {
    let entries = [procfs::net::tcp().ok(), procfs::net::tcp6().ok()].into_iter().flatten().flatten();
    let listening = entries.filter(|entry| entry.state == procfs::net::TcpState::Listen);
    let entry = listening.into_iter().find(|entry| clashes(entry.local_address, address))?;
    Some(process_with_socket(entry.inode).unwrap_or(Holder::User(entry.uid)))
}

#[cfg(not(target_os = "linux"))]
pub fn holder(_: SocketAddr) -> Option<Holder> {
    None
}

/// An address that was free a moment ago, for a program that cannot choose one.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port of 127.0.0.1 is free")?;
    Ok(listener.local_addr()?)
}

#[cfg(target_os = "linux")]
fn clashes(taken: SocketAddr, wanted: SocketAddr) -> bool {
    let (taken_ip, wanted_ip) = (taken.ip().to_canonical(), wanted.ip().to_canonical());
    let everywhere = taken_ip.is_unspecified() || wanted_ip.is_unspecified();
    taken.port() == wanted.port() && (everywhere || taken_ip == wanted_ip)
}

#[cfg(target_os = "linux")]
fn process_with_socket(inode: u64) -> Option<Holder> {
    let has_socket = |process: &procfs::process::Process| {
        let mut descriptors = process.fd().ok()?.flatten();
        descriptors
            .find(|fd| matches!(fd.target, procfs::process::FDTarget::Socket(socket) if socket == inode))
    };
    let mut processes = procfs::process::all_processes().ok()?.flatten();
    let process = processes.find(|process| has_socket(process).is_some())?;
    Some(Holder::Process { pid: process.pid(), name: printable(&process.stat().ok()?.comm) })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn finds_ourselves() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let found = holder(address).unwrap();
        assert!(
            matches!(found, Holder::Process { pid, .. } if u32::try_from(pid) == Ok(std::process::id())),
            "{found}"
        );
        drop(listener);
    }
}
