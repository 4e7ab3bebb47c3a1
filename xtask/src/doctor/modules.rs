//! What of the kernel the nodes use.

mod kernel;

use kernel::{Has, Kernel};

use super::{Check, Fix, Seen, Verb, has_kind};

pub(super) const CHECK: Check = Check {
    name: "kernel modules",
    why: "nodes mount layers over each other, and lead packets to services; a node cannot always load a module",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Up],
    look: |_| Ok(Kernel::read().map_or_else(Seen::unknown, |kernel| decide(&kernel))),
};

/// Each with others that do as well. containerd mounts `overlay`; the rest is
/// for the rules of kube-proxy and of Docker, on whichever of the two
/// packet filters `iptables` has beneath it.
const MODULES: &[&[&str]] = &[
    &["overlay"],
    &["nf_conntrack"],
    &["nf_nat"],
    &["ip_tables", "nf_tables"],
    &["xt_addrtype"],
    &["xt_comment"],
    &["xt_conntrack"],
    &["xt_mark"],
    &["xt_MASQUERADE"],
    &["xt_nat"],
    &["xt_statistic"],
];

fn decide(kernel: &Kernel) -> Seen {
    let state = |names: &&[&'static str]| {
        let best = names.iter().map(|name| (kernel.has(name), *name)).max_by_key(|(has, _)| *has);
        best.unwrap_or((Has::Untold, ""))
    };
    let states: Vec<(Has, &str)> = MODULES.iter().map(state).collect();
    let those = |wanted| states.iter().filter(move |(has, _)| *has == wanted).map(|(_, name)| *name);
    let listed = |wanted| those(wanted).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let loadable: Vec<&str> = those(Has::Loadable).collect();
    if those(Has::Not).next().is_some() {
        return Seen::missing(
            format!("this kernel ({}) has no {}", kernel.release, listed(Has::Not)),
            "install the modules of this kernel, or another kernel: \
             `sudo apt-get install linux-modules-extra-$(uname -r)` (Ubuntu), `linux-image-amd64` (Debian)",
        );
    }
    if !loadable.is_empty() {
        let words = loadable.join(" ");
        return Seen::warning(
            format!("{} are there, and not loaded", listed(Has::Loadable)),
            format!(
                "run `sudo modprobe -a {words}`; to keep that over a restart, put the names into \
                 `/etc/modules-load.d/kind.conf`, a line each"
            ),
        )
        .fixed_by([Fix::new(["modprobe", "-a"].into_iter().chain(loadable))]);
    }
    if those(Has::Untold).next().is_some() {
        return Seen::unknown(format!(
            "this kernel ({}) does not tell of {}",
            kernel.release,
            listed(Has::Untold)
        ));
    }
    Seen::good(format!("{} are loaded or built in", states.len()))
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    fn kernel(loaded: &[&str], loadable: Option<&[&str]>) -> Kernel {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Kernel { release: "6.1.0".into(), present: set(loaded), loadable: loadable.map(set) }
    }

    fn names() -> Vec<&'static str> {
        MODULES.iter().map(|names| names[names.len() - 1]).collect()
    }

    #[test]
    fn all_are_there() {
        assert_eq!(decide(&kernel(&names(), None)).state, State::Good);
    }

    #[test]
    fn some_can_be_loaded() {
        let (loaded, loadable): (Vec<_>, Vec<_>) =
            names().into_iter().partition(|name| !name.starts_with("nf_"));
        let seen = decide(&kernel(&loaded, Some(&loadable)));
        assert_eq!(seen.state, State::Warning);
        assert_eq!(seen.fix, [Fix::new(["modprobe", "-a", "nf_conntrack", "nf_nat", "nf_tables"])]);
        assert!(seen.mend.unwrap().starts_with("run `sudo modprobe -a nf_conntrack nf_nat nf_tables`"));
    }

    #[test]
    fn some_are_not_there_at_all() {
        let seen = decide(&kernel(&names()[1..], Some(&[])));
        assert_eq!((seen.state, seen.fix.len()), (State::Missing, 0));
        assert_eq!(seen.found, "this kernel (6.1.0) has no `overlay`");
    }

    #[test]
    fn a_kernel_without_a_list_of_its_modules_is_not_blamed() {
        let seen = decide(&kernel(&names()[1..], None));
        assert_eq!(seen.state, State::Unknown);
        assert_eq!(seen.found, "this kernel (6.1.0) does not tell of `overlay`");
    }
}
