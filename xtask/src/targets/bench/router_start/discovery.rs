//! How long it takes to find all addresses and hosts, in a slow cluster.

use std::time::{Duration, Instant};

use super::answer::Measurement;
use super::api;
use super::bed::Bed;
use super::start;
use super::workspace::EMBEDDED;

/// What is found out, in seconds.
#[derive(Default)]
pub struct Discovery {
    looked: Vec<f64>,
    one: Vec<f64>,
    each: Vec<f64>,
    services: usize,
}

impl Discovery {
    /// Asks for the Services one after the other, then lets the program find
    /// them and the hosts.
    pub fn round(&mut self, bed: &mut Bed, latency: Duration) -> anyhow::Result<()> {
        bed.settle()?;
        bed.api.delay(latency)?;
        let begin = Instant::now();
        for (position, service) in bed.services.keys().enumerate() {
            bed.cx.interrupt.check()?;
            api::request(bed.api.address(), service)?;
            if position == 0 {
                self.one.push(begin.elapsed().as_secs_f64());
            }
        }
        self.each.push(begin.elapsed().as_secs_f64());
        self.services = bed.services.len();
        let (said, seconds) = bed.workspace.timed(EMBEDDED, &["router", "start", "--dry-run"])?;
        start::check_all_found(&said)?;
        self.looked.push(seconds);
        bed.api.delay(Duration::ZERO)
    }

    /// The sum of it.
    pub fn measurement(self) -> anyhow::Result<Measurement> {
        let what =
            "discovery: all of `router start --dry-run`, which asks for every service and the host list";
        let each = format!("{} requests, one after another", self.services);
        let sum = Measurement::new("discovery", None, what, self.looked)?;
        sum.beside("one request", &self.one)?.beside(each, &self.each)
    }
}
