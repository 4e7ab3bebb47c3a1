//! Addresses from a first to a last one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Serialize, Serializer};

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// 32 bits.
    V4,
    /// 128 bits.
    V6,
}

/// Addresses of one family from a first to a last one, at least one. Shown and
/// read as MetalLB has them: `10.0.0.1-10.0.0.9`, and one alone `10.0.0.1/32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    family: Family,
    low: u128,
    high: u128,
}

impl Family {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// The one that an address is of.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    /// The address that is so many after the family's first.
    pub(super) fn address(self, number: u128) -> IpAddr {
        match self {
            // Numbers of this family come from its addresses alone.
            Self::V4 => Ipv4Addr::from_bits(u32::try_from(number).unwrap_or(u32::MAX)).into(),
            Self::V6 => Ipv6Addr::from_bits(number).into(),
        }
    }

    fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// How many addresses of its family are before it.
pub(super) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl Range {
    /// From `low` to `high`, by their numbers; none if that is nothing.
    pub(super) fn new(family: Family, low: u128, high: u128) -> Option<Self> {
        (low <= high).then_some(Self { family, low, high })
    }

    /// The family of all of them.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The number of the first one.
    pub(super) fn low(&self) -> u128 {
        self.low
    }

    /// The number of the last one.
    pub(super) fn high(&self) -> u128 {
        self.high
    }

    /// Whether an address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.family == Family::of(address) && self.has(number(address))
    }

    /// The same by its number, in the same family.
    pub(super) fn has(&self, number: u128) -> bool {
        self.low <= number && number <= self.high
    }

    /// How many there are; one less where that is all of IPv6.
    pub fn length(&self) -> u128 {
        (self.high - self.low).saturating_add(1)
    }

    /// Whether an address is in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.family == other.family && self.low <= other.high && other.low <= self.high
    }

    /// The fewest ranges that are these addresses, given in rising order.
    pub(super) fn joined(family: Family, numbers: impl IntoIterator<Item = u128>) -> Vec<Self> {
        let mut ranges: Vec<Self> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some(last) if last.high.checked_add(1) == Some(number) => last.high = number,
                _ => ranges.push(Self { family, low: number, high: number }),
            }
        }
        ranges
    }
}

impl From<IpAddr> for Range {
    fn from(address: IpAddr) -> Self {
        let number = number(address);
        Self { family: Family::of(address), low: number, high: number }
    }
}

impl From<IpNet> for Range {
    fn from(net: IpNet) -> Self {
        Self { family: Family::of(net.network()), low: number(net.network()), high: number(net.broadcast()) }
    }
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a range of addresses");
        let Some((first, last)) = text.split_once('-') else {
            let net = text.trim().parse::<IpNet>().map(Self::from);
            return net.or_else(|_| text.trim().parse::<IpAddr>().map(Self::from)).map_err(|_| wrong());
        };
        let address = |text: &str| text.trim().parse::<IpAddr>().map_err(|_| wrong());
        let (first, last) = (address(first)?, address(last)?);
        let (one, other) = (Family::of(first), Family::of(last));
        Self::new(one, number(first), number(last)).filter(|_| one == other).ok_or_else(wrong)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.family.address(self.low), self.family.address(self.high));
        if first == last { write!(f, "{first}/{}", self.family.bits()) } else { write!(f, "{first}-{last}") }
    }
}

impl Serialize for Range {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_metallb_takes() {
        for (text, shown) in [
            ("10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"),
            ("10.0.0.1 - 10.0.0.1", "10.0.0.1/32"),
            ("10.0.0.0/30", "10.0.0.0-10.0.0.3"),
            ("10.0.0.7", "10.0.0.7/32"),
            ("fc00::1-fc00::2", "fc00::1-fc00::2"),
            ("fc00::1/128", "fc00::1/128"),
        ] {
            assert_eq!(text.parse::<Range>().unwrap().to_string(), shown);
        }
        for text in ["", "10.0.0.9-10.0.0.1", "10.0.0.1-fc00::1", "x", "10.0.0.1-", "10.0.0.1/33"] {
            assert!(text.parse::<Range>().is_err(), "{text}");
        }
    }

    #[test]
    fn neighbours_are_joined() {
        let shown = |numbers: &[u128]| -> Vec<String> {
            let ranges = Range::joined(Family::V4, numbers.iter().copied());
            ranges.iter().map(Range::to_string).collect()
        };
        assert_eq!(shown(&[1, 2, 3, 5]), ["0.0.0.1-0.0.0.3", "0.0.0.5/32"]);
        assert!(shown(&[]).is_empty());
    }
}
