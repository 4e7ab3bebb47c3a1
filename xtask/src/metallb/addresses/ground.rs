//! A subnet as far as its addresses are free.

use std::iter::successors;

use super::range::{Family, Range};
use super::{Subnet, Taken};

/// Hosts of the last block of this many addresses are chosen by their number.
const BLOCK: u128 = 256;
/// RFC 2526 keeps the highest 128 addresses of an IPv6 subnet for anycast.
const ANYCAST: u128 = 128;

/// A subnet without what somebody has.
#[derive(Clone, Debug)]
pub struct Ground {
    family: Family,
    /// All addresses of the subnet.
    whole: Range,
    /// Those that hosts may have; none in the smallest subnets.
    hosts: Option<Range>,
    blocked: Vec<Range>,
    /// What is given to containers as they come.
    handed_out: Option<Range>,
}

impl Ground {
    /// The subnet without its gateway and without what is taken.
    pub fn new(subnet: &Subnet, taken: &[Taken]) -> Self {
        let whole = Range::from(subnet.net);
        let family = whole.family();
        let gateway = subnet.gateway.map(Range::from);
        let blocked = taken.iter().map(|taken| taken.range).chain(gateway);
        Self {
            family,
            whole,
            hosts: hosts(&whole),
            blocked: blocked.filter(|range| range.meets(&whole)).collect(),
            handed_out: subnet.handed_out.map(Range::from),
        }
    }

    /// The same without these addresses, given by their numbers.
    pub fn without(&self, numbers: impl IntoIterator<Item = u128>) -> Self {
        let more = numbers.into_iter().filter_map(|number| Range::new(self.family, number, number));
        Self { blocked: self.blocked.iter().copied().chain(more).collect(), ..self.clone() }
    }

    /// First without what is given to containers as they come, then with it.
    pub fn preferences(&self) -> Vec<Self> {
        let Some(range) = self.handed_out else { return vec![self.clone()] };
        let mut outside = self.clone();
        outside.blocked.push(range);
        vec![outside, self.clone()]
    }

    /// Whether the subnet has it, free or not.
    pub fn has(&self, number: u128) -> bool {
        self.whole.has(number)
    }

    /// Whether a pool may have it.
    pub fn is_free(&self, number: u128) -> bool {
        self.up_from(number) == Some(number)
    }

    /// The address of host `host` in the last 256 addresses (a /24 in IPv4, a
    /// /120 in IPv6), free or not; none where the subnet is smaller than that.
    pub fn host(&self, host: u8) -> Option<u128> {
        let last = self.whole.high();
        let block = last - last % BLOCK;
        (self.whole.low() <= block).then(|| block + u128::from(host))
    }

    /// The free addresses, the highest first.
    pub fn downwards(&self) -> impl Iterator<Item = u128> + '_ {
        let first = self.hosts.and_then(|hosts| self.down_from(hosts.high()));
        successors(first, |number| self.down_from(number.checked_sub(1)?))
    }

    /// The free addresses after `number`, the lowest first.
    pub fn upwards(&self, number: u128) -> impl Iterator<Item = u128> + '_ {
        let after = |number: u128| self.up_from(number.checked_add(1)?);
        successors(after(number), move |number| after(*number))
    }

    fn down_from(&self, mut number: u128) -> Option<u128> {
        let hosts = self.hosts?;
        while hosts.has(number) {
            match self.obstacle(number) {
                Some(obstacle) => number = obstacle.low().checked_sub(1)?,
                None => return Some(number),
            }
        }
        None
    }

    fn up_from(&self, mut number: u128) -> Option<u128> {
        let hosts = self.hosts?;
        while hosts.has(number) {
            match self.obstacle(number) {
                Some(obstacle) => number = obstacle.high().checked_add(1)?,
                None => return Some(number),
            }
        }
        None
    }

    /// What is in the way of giving an address to a pool. IPv4 addresses that
    /// end in 0 or 255 are: some devices take them for a network's own.
    fn obstacle(&self, number: u128) -> Option<Range> {
        let odd = self.family == Family::V4 && [0, BLOCK - 1].contains(&(number % BLOCK));
        let odd = odd.then(|| Range::new(self.family, number, number)).flatten();
        odd.or_else(|| self.blocked.iter().find(|range| range.has(number)).copied())
    }
}

/// All but a subnet's own addresses: the first, and the last, which in IPv4 is
/// for broadcasts.
fn hosts(whole: &Range) -> Option<Range> {
    let reserved = match whole.family() {
        Family::V6 if whole.high() - whole.low() >= BLOCK - 1 => ANYCAST,
        Family::V4 | Family::V6 => 1,
    };
    Range::new(whole.family(), whole.low().checked_add(1)?, whole.high().checked_sub(reserved)?)
}
