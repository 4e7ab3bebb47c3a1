//! Why kind failed, by what it printed.

use super::phase::Phase;
use super::with_causes;
use crate::failure::Failure;

/// How many lines of kind's are shown.
const SHOWN: usize = 5;
/// What kind puts before its error.
const ERROR: &str = "ERROR: ";
/// What Go puts before the words of a program that it ends.
const PANIC: &str = "panic: ";
/// What kind puts before the output of the command that failed.
const OUTPUT: &str = "Command Output: ";

/// What kind's words mean.
struct Known {
    /// In its error, or in the output of the command that failed.
    says: &'static str,
    means: &'static str,
    help: &'static str,
    /// Something that is needed is missing: exit status 3.
    missing: bool,
}

const DOCTOR: &str = "see what the machine lacks with `cargo xtask doctor`";
const LOOK: &str = "keep the nodes to look at them: `cargo xtask kind up --retain`, then `docker logs`; \
                    `cargo xtask doctor` tells what the machine lacks";

/// The first that fits is taken: what ran in a node is before what Docker says.
const KNOWN: &[Known] = &[
    known(PANIC, "kind itself has crashed", "try another version of kind, and report it to kind's authors"),
    known("failed to init node with kubeadm", "the control plane did not come up", LOOK),
    known("failed to join node with kubeadm", "a worker could not join the cluster", LOOK),
    known("failed to remove control plane", "the control plane could not be set up", LOOK),
    known("failed to apply overlay network", "the pods' network could not be installed", LOOK),
    known("failed to add default storage class", "the storage class could not be installed", LOOK),
    known("failed to get cluster internal kubeconfig", "the control plane has no kubeconfig", LOOK),
    known("could not find a log line that matches", "a node did not boot within kind's 30 seconds", LOOK),
    missing(
        "failed to pull image",
        "the node image cannot be had",
        "see whether `docker pull` gets it; another is chosen with `--set kind.node_image=IMAGE`",
    ),
    missing("Cannot connect to the Docker daemon", "Docker has gone", "see `docker info`"),
    missing("permission denied while trying to connect", "this user may not use Docker", "see `docker info`"),
    missing(
        "no space left on device",
        "the disk is full",
        "see `docker system df`, and `docker system prune`",
    ),
    known(
        "is already in use by container",
        "somebody else has made a container with a node's name",
        "see `docker ps --all`; if nobody needs it, remove it",
    ),
    known(
        "node(s) already exist for a cluster",
        "somebody else has made a cluster of that name",
        "see `kind get clusters`",
    ),
    known("address already in use", "the API's port is taken", TAKEN),
    known("port is already allocated", "the API's port is taken", TAKEN),
    known(
        "cannot assign requested address",
        "the API's address is not one of this machine",
        "correct `kind.api_server` in the profile, such as `127.0.0.1:0`",
    ),
    missing(
        "unable to apply caps",
        "Docker cannot run privileged containers here",
        "run where Docker is not itself confined: kind's nodes need `docker run --privileged`",
    ),
    known(
        "error mounting",
        "a node cannot mount a folder of this machine",
        "see that the paths of `kind.mount` in the profile exist",
    ),
    known("failed to lock config file", "kind's kubeconfig is locked", "run it again"),
    known(NETWORK_GONE, "the network `kind` has been removed meanwhile", "run it again"),
    known("invalid configuration", "kind does not take its configuration", RENDER),
    known("unable to decode config", "kind does not take its configuration", RENDER),
    missing("requires cgroup v2", "Docker without root needs cgroup v2", DOCTOR),
    missing("setting systemd property", "Docker without root lacks rights", DOCTOR),
];

const TAKEN: &str =
    "see who has it with `ss -ltnp`, or let kind choose one: `--set kind.api_server=127.0.0.1:0`";
const RENDER: &str =
    "look at it with `cargo xtask kind render`, and at the version of kind with `kind version`";
const NETWORK_GONE: &str = "network kind not found";

const fn known(says: &'static str, means: &'static str, help: &'static str) -> Known {
    Known { says, means, help, missing: false }
}

const fn missing(says: &'static str, means: &'static str, help: &'static str) -> Known {
    Known { says, means, help, missing: true }
}

/// The failure that kind's words tell of; `ended` says how the program did,
/// `phase` how far it was, `log` what a node said last.
pub fn fault(said: &str, ended: &str, phase: Phase, log: Option<String>) -> anyhow::Error {
    let said = error_of(said);
    let Some(known) = KNOWN.iter().find(|known| said.contains(known.says)) else {
        let message = format!("kind failed while {}: {ended}", phase.describe());
        return with_causes(Failure::failed(message).help(LOOK), cause(said).into_iter().chain(log));
    };
    let message = format!("kind failed: {}", known.means);
    let failure = if known.missing { Failure::missing(message) } else { Failure::failed(message) };
    with_causes(failure.help(known.help), cause(said).into_iter().chain(log))
}

/// Whether another try may do: the network went between kind's steps, with the
/// cluster of somebody else.
pub fn is_network_gone(said: &str) -> bool {
    error_of(said).contains(NETWORK_GONE)
}

/// From kind's error, or its panic, on.
fn error_of(said: &str) -> &str {
    let begin = [PANIC, ERROR].iter().find_map(|word| said.find(word));
    &said[begin.unwrap_or(0)..]
}

/// The lines that tell what happened, as one cause.
fn cause(error: &str) -> Option<String> {
    let (own, output) = error.split_once(OUTPUT).unwrap_or((error, ""));
    let output: Vec<&str> = output.lines().map(str::trim_end).filter(|line| !is_noise(line)).collect();
    let telling: Vec<&str> = output.iter().copied().filter(|line| tells(line)).take(SHOWN).collect();
    let mut shown =
        if telling.is_empty() { output[output.len().saturating_sub(SHOWN)..].to_vec() } else { telling };
    if shown.is_empty() {
        // After the first line of a panic comes where kind's code was.
        let most = if own.starts_with(PANIC) { 1 } else { SHOWN };
        let own = own.strip_prefix(ERROR).unwrap_or(own);
        shown = own.lines().filter(|line| !is_noise(line)).take(most).collect();
    }
    Some(shown.join("\n")).filter(|cause| !cause.is_empty())
}

/// Whether a program says in this line why it failed.
fn tells(line: &str) -> bool {
    let begins = ["error", "Error", "docker: ", "fatal", "Unable"].iter().any(|word| line.starts_with(word));
    begins || line.contains("[ERROR ")
}

/// Empty lines, kind's progress, ids of containers, hints to help pages.
fn is_noise(line: &str) -> bool {
    let line = line.trim();
    let is_id = line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    let begins = ["•", "✓", "✗", "Creating cluster", "See 'docker "];
    line.is_empty() || is_id || begins.iter().any(|word| line.starts_with(word))
}

#[cfg(test)]
#[path = "fault_tests.rs"]
mod tests;
