//! The address that the router listens on.

use std::fmt;
use std::io;
use std::net::{IpAddr, UdpSocket};

use anyhow::Context as _;
use serde::Serialize;

use crate::failure::Failure;
use crate::near::did_you_mean;

/// Addresses set aside for documentation (RFC 5737, RFC 3849): like any far
/// address they are reached through the default route.
const FAR: [(&str, &str); 2] = [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")];
/// Longest interface name in bytes (Linux: `IFNAMSIZ` less its final NUL).
const MAX_INTERFACE: usize = 15;

/// Where the router listens; which address that is, is asked at start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum Bind {
    /// The address of the default route's interface.
    Management,
    /// The address of a network interface.
    Interface(String),
    /// An address of this machine.
    Address(IpAddr),
}

impl Bind {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text == "management" {
            return Ok(Self::Management);
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:@-".contains(&byte);
        let fits = (1..=MAX_INTERFACE).contains(&text.len()) && text.bytes().all(allowed);
        // Four numbers with dots are a mistyped address, not an interface.
        let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        if fits && !numeric {
            Ok(Self::Interface(text.to_owned()))
        } else {
            Err(format!("`{text}` is neither `management`, nor an interface, nor an address"))
        }
    }

    /// The address as this machine has it now. Sends nothing.
    pub fn resolve(&self) -> anyhow::Result<IpAddr> {
        match self {
            Self::Management => management(),
            Self::Interface(name) => of_interface(name, &interfaces()?),
            Self::Address(address) => own(*address),
        }
    }
}

/// The source address that the system would take for a far destination:
/// connecting a UDP socket chooses it, and sends nothing.
fn management() -> anyhow::Result<IpAddr> {
    let source = |(from, to): (&str, &str)| -> io::Result<IpAddr> {
        let socket = UdpSocket::bind(from)?;
        socket.connect(to)?;
        Ok(socket.local_addr()?.ip())
    };
    let [ipv4, ipv6] = FAR;
    source(ipv4).or_else(|error| source(ipv6).map_err(|_| error)).with_context(|| {
        Failure::missing("this machine has no default route, so no `management` address")
            .help("name an address or an interface: `--set router.bind=ADDRESS`")
    })
}

/// Every address of this machine.
pub fn own_addresses() -> anyhow::Result<Vec<IpAddr>> {
    Ok(interfaces()?.into_iter().map(|(_, address)| address).collect())
}

fn interfaces() -> anyhow::Result<Vec<(String, IpAddr)>> {
    let found = if_addrs::get_if_addrs().context("cannot list the network interfaces")?;
    Ok(found.into_iter().map(|interface| (interface.name.clone(), interface.ip())).collect())
}

/// The one IPv4 address of the interface; if it has none, its one IPv6 address
/// beyond the link.
fn of_interface(name: &str, interfaces: &[(String, IpAddr)]) -> anyhow::Result<IpAddr> {
    let own = || interfaces.iter().filter(|(other, _)| other == name).map(|(_, address)| *address);
    let mut usable: Vec<IpAddr> = own().filter(IpAddr::is_ipv4).collect();
    if usable.is_empty() {
        let beyond_link = |it: &IpAddr| matches!(it, IpAddr::V6(v6) if !v6.is_unicast_link_local());
        usable = own().filter(beyond_link).collect();
    }
    if let [address] = usable[..] {
        return Ok(address);
    }
    let names = interfaces.iter().map(|(other, _)| other.as_str());
    let message = match usable.len() {
        0 if own().next().is_none() => {
            format!("there is no network interface `{name}` with an address{}", did_you_mean(name, names))
        }
        0 => format!("interface `{name}` has no address beyond its link"),
        count => format!("interface `{name}` has {count} addresses: {}", listed(&usable)),
    };
    let help = format!("name one address: `--set router.bind=ADDRESS`; there are: {}", described(interfaces));
    Err(Failure::missing(message).help(help).into())
}

fn described(interfaces: &[(String, IpAddr)]) -> String {
    listed(&interfaces.iter().map(|(name, address)| format!("{name} {address}")).collect::<Vec<_>>())
}

fn listed<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

/// `address`, if it is one of this machine's: only to those can a socket be bound.
fn own(address: IpAddr) -> anyhow::Result<IpAddr> {
    let Err(error) = UdpSocket::bind((address, 0)) else { return Ok(address) };
    let help = format!("choose with `--set router.bind=…`; there are: {}", described(&interfaces()?));
    Err(error).context(Failure::missing(format!("`{address}` is not an address of this machine")).help(help))
}

impl fmt::Display for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Management => f.write_str("management"),
            Self::Interface(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl From<Bind> for String {
    fn from(bind: Bind) -> Self {
        bind.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Exit, exit_of, help_of};

    fn machine() -> Vec<(String, IpAddr)> {
        let addresses = [
            ("lo", "127.0.0.1"),
            ("lo", "::1"),
            ("eth0", "10.0.0.7"),
            ("eth0", "fe80::1"),
            ("eth1", "10.1.0.7"),
            ("eth1", "10.1.0.8"),
            ("six", "fe80::2"),
            ("six", "2001:db8::2"),
            ("link", "fe80::3"),
        ];
        addresses.map(|(name, address)| (name.to_owned(), address.parse().unwrap())).to_vec()
    }

    #[test]
    fn reads_the_three_forms() {
        assert_eq!(Bind::parse("management"), Ok(Bind::Management));
        assert_eq!(Bind::parse("eth0.100"), Ok(Bind::Interface("eth0.100".into())));
        assert_eq!(Bind::parse("::1"), Ok(Bind::Address("::1".parse().unwrap())));
        for text in ["", "300.1.1.1", "10.0.0", "a b", "{{", "a-name-of-16-byte"] {
            assert!(Bind::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn takes_the_one_address_of_an_interface() {
        let taken = |name| of_interface(name, &machine()).unwrap().to_string();
        assert_eq!(taken("eth0"), "10.0.0.7");
        assert_eq!(taken("lo"), "127.0.0.1");
        assert_eq!(taken("six"), "2001:db8::2");
    }

    #[test]
    fn says_what_an_interface_lacks() {
        let refused = |name| of_interface(name, &machine()).unwrap_err();
        let two = refused("eth1");
        assert_eq!(two.to_string(), "interface `eth1` has 2 addresses: 10.1.0.7, 10.1.0.8");
        assert_eq!(exit_of(&two), Exit::Missing);
        assert!(help_of(&two).unwrap().contains("eth0 10.0.0.7"));
        assert_eq!(refused("link").to_string(), "interface `link` has no address beyond its link");
        let absent = "there is no network interface `eht0` with an address; did you mean `eth0`?";
        assert_eq!(refused("eht0").to_string(), absent);
    }

    #[test]
    fn an_address_must_be_of_this_machine() {
        let own = Bind::parse("127.0.0.9").unwrap();
        assert_eq!(own.resolve().unwrap().to_string(), "127.0.0.9");
        let other = Bind::parse("192.0.2.1").unwrap().resolve().unwrap_err();
        assert_eq!(other.to_string(), "`192.0.2.1` is not an address of this machine");
        assert!(help_of(&other).unwrap().contains("127.0.0.1"));
    }

    #[test]
    fn loopback_interface_is_real() {
        let names = interfaces().unwrap();
        let (name, _) = names.iter().find(|(_, address)| address.to_string() == "127.0.0.1").unwrap();
        assert_eq!(Bind::Interface(name.clone()).resolve().unwrap().to_string(), "127.0.0.1");
    }
}
