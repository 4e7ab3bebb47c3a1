//! How much memory programs take.

use procfs::ProcResult;
use procfs::process::Process;

/// Git's programs at the server's end. What they take is not the client's, and
/// the same for all.
const SERVERS: [&str; 2] = ["receive-pack", "upload-pack"];

/// Most bytes that one process of a client has had in memory at once, of `pid`
/// and those below it, as far as they run: the system keeps the most that each
/// had, so that nothing is missed but what comes after the last look.
pub fn peak(pid: u32) -> u64 {
    let process = i32::try_from(pid).ok().and_then(|pid| Process::new(pid).ok());
    // A process that has ended meanwhile has nothing to say.
    process.and_then(|process| of(&process).ok()).unwrap_or_default()
}

fn of(process: &Process) -> ProcResult<u64> {
    let is_server = |word: &String| SERVERS.iter().any(|server| word.contains(server));
    if process.cmdline()?.iter().any(is_server) {
        return Ok(0);
    }
    let kib = process.status()?.vmhwm.unwrap_or_default();
    let mut most = kib << 10;
    for task in process.tasks()?.flatten() {
        for child in task.children().unwrap_or_default() {
            most = most.max(peak(child));
        }
    }
    Ok(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_is_seen_when_it_was_given_back() {
        let own = std::process::id();
        assert!(peak(own) > 0);
        drop(std::hint::black_box(vec![1_u8; 300 << 20]));
        assert!(peak(own) > 300 << 20);
        assert_eq!(peak(0), 0);
    }
}
