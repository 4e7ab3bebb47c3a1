//! How many files a user may watch.

use std::fs;

use super::{Check, Fix, Seen, Verb, has_kind};

/// What kind recommends (its page of known issues, "pod errors due to too many
/// open files"): every node runs systemd, containerd and kubelet.
const LIMITS: [(&str, u64); 2] = [("max_user_watches", 524_288), ("max_user_instances", 512)];

pub(super) const CHECK: Check = Check {
    name: "inotify",
    why: "with few watches, nodes and pods fail with `too many open files`",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: |_| Ok(decide(LIMITS.map(|(name, _)| read(name)))),
};

fn read(name: &str) -> Option<u64> {
    fs::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?.trim().parse().ok()
}

/// By the values of [`LIMITS`], as far as they are told.
fn decide(values: [Option<u64>; 2]) -> Seen {
    let [Some(watches), Some(instances)] = values else {
        return Seen::unknown("`/proc/sys/fs/inotify` does not tell the limits");
    };
    let found = format!("{watches} watches and {instances} instances for each user");
    let few = LIMITS.iter().zip([watches, instances]).filter(|((_, wanted), value)| value < wanted);
    let few: Vec<String> = few.map(|((name, wanted), _)| format!("fs.inotify.{name}={wanted}")).collect();
    if few.is_empty() {
        return Seen::good(found);
    }
    let mend = format!(
        "run `sudo sysctl -w {}`; to keep that over a restart, put it into `/etc/sysctl.d/90-kind.conf`, a line each",
        few.join(" ")
    );
    Seen::warning(found, mend).fixed_by(few.iter().map(|setting| Fix::new(["sysctl", "-w", setting])))
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn enough_few_and_untold() {
        assert_eq!(decide([Some(524_288), Some(8_192)]).state, State::Good);
        assert_eq!(decide([Some(524_288), None]).state, State::Unknown);
        let seen = decide([Some(192_536), Some(512)]);
        assert_eq!(seen.state, State::Warning);
        let mend = seen.mend.unwrap();
        assert!(mend.starts_with("run `sudo sysctl -w fs.inotify.max_user_watches=524288`; "), "{mend}");
        assert_eq!(seen.fix, [Fix::new(["sysctl", "-w", "fs.inotify.max_user_watches=524288"])]);
        assert_eq!(decide([Some(1), Some(1)]).fix.len(), 2);
    }
}
