//! Whether packets of containers leave the machine.

use super::{Check, Fix, Seen, Verb, has_kind};

/// Docker sets it when it starts; what hardens a machine may take it back.
const SETTING: &str = "net.ipv4.ip_forward=1";

pub(super) const CHECK: Check = Check {
    name: "forwarding",
    why: "without it nodes reach neither registries nor anything else outside",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: |facts| {
        Ok(facts.told_by_docker().map_or_else(|unknown| unknown, |docker| decide(docker.forwarding)))
    },
};

fn decide(forwarding: Option<bool>) -> Seen {
    match forwarding {
        Some(true) => Seen::good("packets of containers are passed on"),
        Some(false) => Seen::warning(
            "packets of containers are not passed on: `net.ipv4.ip_forward` is 0",
            format!(
                "run `sudo sysctl -w {SETTING}`; to keep that over a restart, see which file of \
                 `/etc/sysctl.d` takes it back"
            ),
        )
        .fixed_by([Fix::new(["sysctl", "-w", SETTING])]),
        None => Seen::unknown("Docker does not tell whether packets of containers are passed on"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn packets_must_be_passed_on() {
        assert_eq!(decide(Some(true)).state, State::Good);
        assert_eq!(decide(None).state, State::Unknown);
        let seen = decide(Some(false));
        assert_eq!(seen.state, State::Warning);
        assert_eq!(seen.fix, [Fix::new(["sysctl", "-w", "net.ipv4.ip_forward=1"])]);
    }
}
