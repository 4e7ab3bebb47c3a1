//! What `NO_PROXY` means, as Go's programs and curl read it: `kind`, `helm` and
//! `kubectl` are such.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

/// What shall be reached without a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A name with all below it; with a leading dot, those below it.
    Name(String),
    /// An address.
    Address(IpAddr),
    /// Every address of a network.
    Network(IpNet),
}

/// Whether the list excepts the whole of it.
pub(super) fn is_excepted(place: &Place, no_proxy: &str) -> bool {
    let mut entries = no_proxy.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty());
    entries.any(|entry| {
        entry == "*"
            || match place {
                Place::Name(name) => covers(entry, name),
                Place::Address(address) => network(entry).is_some_and(|it| it.contains(address)),
                Place::Network(subnet) => network(entry).is_some_and(|it| it.contains(subnet)),
            }
    })
}

fn covers(entry: &str, name: &str) -> bool {
    let bare = entry.trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
    let name = name.trim_start_matches('.');
    !bare.is_empty() && (name == bare || name.strip_suffix(&bare).is_some_and(|rest| rest.ends_with('.')))
}

fn network(entry: &str) -> Option<IpNet> {
    entry.parse().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from))
}

/// As it is written into the list.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
            Self::Network(subnet) => subnet.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_other_programs_do() {
        let name = |name: &str| Place::Name(name.to_owned());
        let pods = Place::Network("10.244.0.0/16".parse().unwrap());
        let loopback = Place::Address([127, 0, 0, 1].into());
        for (place, list, expected) in [
            (name(".svc"), "a, .svc", true),
            (name(".svc"), "svc", true),
            (name(".svc"), "*.svc", true),
            (name(".svc"), "xsvc,sv", false),
            (name("kind.internal"), ".Internal", true),
            (name("kind.internal"), "d.internal", false),
            (name("kind.internal"), "", false),
            (name("kind.internal"), ".", false),
            (name("kind.internal"), "*", true),
            (pods.clone(), "10.0.0.0/8", true),
            (pods.clone(), "10.244.0.0/17", false),
            (pods, "10.244.0.1", false),
            (loopback.clone(), "127.0.0.1", true),
            (loopback.clone(), "127.0.0.0/8", true),
            (loopback, "::1", false),
        ] {
            assert_eq!(is_excepted(&place, list), expected, "{place} in {list:?}");
        }
    }
}
