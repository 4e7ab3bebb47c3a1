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
    use std::io::{BufRead as _, BufReader};

    use super::*;
    use crate::context::Context;
    use crate::process::Program;

    #[test]
    fn what_was_taken_is_seen_when_it_was_given_back() {
        // A shell that says when it is rid of it, and stays.
        let script = "text=$(head -c 20000000 /dev/zero | tr '\\0' x); text=; echo; read line";
        let shell = Program::new("sh").args(["-c", script]);
        let (running, pipes) = shell.start_piped(&Context::for_tests()).unwrap();
        BufReader::new(pipes.stdout).lines().next().unwrap().unwrap();
        let status = Process::new(running.pid().try_into().unwrap()).unwrap().status().unwrap();
        assert!(status.vmrss.unwrap() << 10 < 20_000_000, "{status:?}");
        assert!(peak(running.pid()) >= 20_000_000);
        assert_eq!(peak(0), 0);
    }
}
