//! Whether this machine knows the time.

use std::time::{SystemTime, UNIX_EPOCH};

use super::facts::PATIENCE;
use super::{Check, Seen, Verb, has_kind};
use crate::process::Program;

/// Seconds from 1970 to 2025, when this program was not yet written.
const WRITTEN: u64 = 1_735_689_600;

pub(super) const CHECK: Check = Check {
    name: "clock",
    why: "certificates are refused before and after their time",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: |_| Ok(decide(now(), synchronised().as_deref())),
};

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// What the system says of it, where systemd runs.
fn synchronised() -> Option<String> {
    let ask = ["show", "-p", "NTPSynchronized", "--value"];
    Program::new("timedatectl").args(ask).quietly(PATIENCE).ok().map(|answer| answer.trim().to_owned())
}

fn decide(now: u64, synchronised: Option<&str>) -> Seen {
    let mend =
        "run `sudo timedatectl set-ntp true`, or install a client: `sudo apt-get install systemd-timesyncd`";
    match synchronised {
        _ if now < WRITTEN => Seen::missing("it is before 2025 by this machine's clock", mend),
        Some("yes") => Seen::good("it is synchronised"),
        Some("no") => Seen::warning("it is not synchronised", mend),
        _ => Seen::unknown("`timedatectl` does not tell whether it is synchronised"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn synchronised_not_and_untold() {
        for (now, told, state) in [
            (WRITTEN, Some("yes"), State::Good),
            (WRITTEN, Some("no"), State::Warning),
            (WRITTEN, None, State::Unknown),
            (WRITTEN, Some(""), State::Unknown),
            (WRITTEN - 1, Some("yes"), State::Missing),
            (0, None, State::Missing),
        ] {
            assert_eq!(decide(now, told).state, state, "{now} {told:?}");
        }
    }
}
