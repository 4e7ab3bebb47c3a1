//! Which addresses the pools get.
//!
//! Pure: the subnets and what is taken come from Docker, or from the
//! interfaces of a host. A pool gets one address of each family that there is:
//! host `.20` of the last /24, say, of an IPv4 subnet, and `…14` (20 in
//! hexadecimal) in the last /120 of an IPv6 subnet.

mod family;
mod ground;
mod range;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use self::family::Planner;
use self::ground::Ground;
pub use self::range::{Family, Range};
use crate::near::first_of;

/// Where addresses can be had.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// In the order in which they are tried.
    pub subnets: Vec<Subnet>,
    /// What nobody else may have.
    pub taken: Vec<Taken>,
}

/// Addresses that reach each other without a router.
#[derive(Clone, Copy, Debug)]
pub struct Subnet {
    /// All of its addresses.
    pub net: IpNet,
    /// The router's own, if it is of the subnet.
    pub gateway: Option<IpAddr>,
    /// Those that are given to containers as they come; what is outside is preferred.
    pub handed_out: Option<IpNet>,
}

/// Addresses that somebody has.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Which.
    pub range: Range,
    /// Who, for people: ``container `a` ``.
    pub by: String,
}

/// What shall have addresses.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Name of each pool, and the last byte of the address that it should have.
    pub pools: Vec<(String, u8)>,
    /// How many addresses of each family the pool for all others has.
    pub rest: u16,
}

/// What the pools have now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// By name.
    pub pools: BTreeMap<String, Vec<Range>>,
    /// The pool for all others.
    pub rest: Vec<Range>,
}

/// What the pools get.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In the order of the profile; one address of each family.
    pub pools: Vec<(String, Vec<IpAddr>)>,
    /// Those of the pool for all others, as many as could be had.
    pub rest: Vec<Range>,
}

/// There are too few addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// What is needed, in words.
    needed: String,
    /// Each subnet, with what is left of it and who has the others.
    subnets: Vec<String>,
}

/// Chooses the addresses. What a pool has now it keeps, as long as it is of a
/// subnet and nobody else has it; the others are had from the first subnet
/// that has room for all of them. Of what is left, half at most goes to the
/// pool for all others: new containers need addresses, too.
pub fn plan(network: &Network, wanted: &Wanted, held: &Held) -> Result<Plan, NoRoom> {
    let names = wanted.pools.iter().map(|(name, _)| (name.clone(), Vec::new()));
    let mut plan = Plan { pools: names.collect(), rest: Vec::new() };
    if network.subnets.is_empty() {
        return Err(NoRoom { needed: wanted.to_string(), subnets: Vec::new() });
    }
    for family in Family::ALL {
        let subnets: Vec<&Subnet> = network.subnets_of(family).collect();
        if subnets.is_empty() {
            continue;
        }
        let grounds = subnets.iter().map(|subnet| Ground::new(subnet, &network.taken));
        let planner = Planner::new(family, grounds.collect(), wanted, held);
        let found = planner.plan().ok_or_else(|| NoRoom::of(network, family, wanted))?;
        for ((_, addresses), number) in plan.pools.iter_mut().zip(found.pools) {
            addresses.push(family.address(number));
        }
        plan.rest.extend(Range::joined(family, found.rest));
    }
    Ok(plan)
}

impl Network {
    fn subnets_of(&self, family: Family) -> impl Iterator<Item = &Subnet> {
        self.subnets.iter().filter(move |subnet| Range::from(subnet.net).family() == family)
    }
}

impl NoRoom {
    /// How many of those who have addresses are named.
    const NAMED: usize = 8;

    fn of(network: &Network, family: Family, wanted: &Wanted) -> Self {
        let told = network.subnets_of(family).map(|subnet| {
            let whole = Range::from(subnet.net);
            let left = Ground::new(subnet, &network.taken).downwards().take(wanted.pools.len()).count();
            let gateway = subnet.gateway.iter().map(|address| format!("{address} is the gateway"));
            let taken = network.taken.iter().filter(|taken| taken.range.meets(&whole));
            let taken = taken.map(|taken| format!("{} has {}", taken.by, taken.range));
            let named = first_of(Self::NAMED, gateway.chain(taken));
            let subnet = subnet.net;
            if named.is_empty() {
                return format!("`{subnet}` has {left} left");
            }
            format!("`{subnet}` has {left} left: {named}")
        });
        Self { needed: format!("{wanted} of {family}"), subnets: told.collect() }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.pools.iter().map(|(name, _)| format!("`{name}`")).collect();
        write!(f, "an address each for {}", names.join(", "))
    }
}

impl fmt::Display for NoRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "needed is {}; ", self.needed)?;
        if self.subnets.is_empty() {
            f.write_str("there is no subnet")
        } else {
            f.write_str(&self.subnets.join("; "))
        }
    }
}

impl std::error::Error for NoRoom {}
