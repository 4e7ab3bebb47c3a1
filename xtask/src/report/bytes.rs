//! How far something is that is counted in bytes.

use std::io::{self, IsTerminal as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::{Format, Reporter, Verbosity};

/// Between two lines where there is no terminal.
const PAUSE: Duration = Duration::from_secs(5);

/// Shows how far something is: a line that moves on a terminal, else one every
/// few seconds. Gone when it is dropped. Safe to use from several threads.
#[derive(Debug)]
pub struct Bytes {
    reporter: Reporter,
    look: Look,
}

#[derive(Debug)]
enum Look {
    Silent,
    Lines(Mutex<Told>),
    Live(ProgressBar),
}

/// What the last line told.
#[derive(Debug)]
struct Told {
    what: String,
    since: Instant,
    at: Instant,
}

impl Reporter {
    /// A view of something that is counted in bytes.
    pub fn bytes(&self) -> Bytes {
        let look = if self.format == Format::Json || self.verbosity == Verbosity::Quiet {
            Look::Silent
        } else if io::stderr().is_terminal() && !self.groups {
            Look::Live(self.screen.bar())
        } else {
            let now = Instant::now();
            Look::Lines(Mutex::new(Told { what: String::new(), since: now, at: now }))
        };
        Bytes { reporter: self.clone(), look }
    }
}

impl Bytes {
    /// `done` bytes of `total` are behind us in doing `what`.
    pub fn at(&self, what: &str, done: u64, total: Option<u64>) {
        match &self.look {
            Look::Silent => {}
            Look::Live(bar) => live(bar, what, done, total),
            Look::Lines(told) => {
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.what != what {
                    let now = Instant::now();
                    *told = Told { what: what.to_owned(), since: now, at: now };
                } else if told.at.elapsed() >= PAUSE {
                    told.at = Instant::now();
                    self.reporter.note(&describe(what, done, total, told.since.elapsed()));
                }
            }
        }
    }
}

fn live(bar: &ProgressBar, what: &str, done: u64, total: Option<u64>) {
    if bar.message() != what {
        let known = "{spinner:.cyan} {msg}  {bytes} of {total_bytes}, {bytes_per_sec}";
        let unknown = "{spinner:.cyan} {msg}  {bytes}, {bytes_per_sec}";
        let template = ProgressStyle::with_template(if total.is_some() { known } else { unknown });
        bar.set_style(template.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.reset();
        bar.set_message(what.to_owned());
    }
    if let Some(total) = total {
        bar.set_length(total);
    }
    bar.set_position(done);
}

/// With the rate since its beginning.
fn describe(what: &str, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let rate = u128::from(done) * 1000 / elapsed.as_millis().max(1);
    let rate = HumanBytes(u64::try_from(rate).unwrap_or(u64::MAX));
    match total {
        Some(total) => format!("{what}: {} of {}, {rate}/s", HumanBytes(done), HumanBytes(total)),
        None => format!("{what}: {}, {rate}/s", HumanBytes(done)),
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        if let Look::Live(bar) = &self.look {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_whole_time() {
        let second = Duration::from_secs(1);
        assert_eq!(
            describe("sending", 3 << 20, Some(6 << 20), second),
            "sending: 3.00 MiB of 6.00 MiB, 3.00 MiB/s"
        );
        assert_eq!(describe("sending", 1 << 10, None, Duration::ZERO), "sending: 1.00 KiB, 1000.00 KiB/s");
    }
}
