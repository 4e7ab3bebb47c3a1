//! Programs whose memory is watched while they run.

use std::io::{self, PipeReader, PipeWriter, Read as _};
use std::panic::resume_unwind;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use super::memory;
use crate::context::Context;
use crate::failure::Failure;
use crate::printable::printable;
use crate::process::{Pipes, Program, Running};
use crate::release::still_wanted;

/// Between two looks at the memory.
const PAUSE: Duration = Duration::from_millis(5);

/// Runs it to its end with nothing to read; the most bytes that one of its
/// processes had in memory. Fails unless it succeeds.
pub fn run(cx: &Context, program: &Program) -> anyhow::Result<u64> {
    run_with(cx, program, |_| Ok(()))
}

/// The same with what `feed` writes as its standard input; fails unless both
/// succeed.
pub fn run_with(
    cx: &Context,
    program: &Program,
    feed: impl FnOnce(PipeWriter) -> anyhow::Result<()> + Send,
) -> anyhow::Result<u64> {
    let peak = AtomicU64::new(0);
    run_seen(cx, program, feed, &peak)?;
    Ok(peak.into_inner())
}

/// The same; the most bytes so far can be seen while it runs.
fn run_seen(
    cx: &Context,
    program: &Program,
    feed: impl FnOnce(PipeWriter) -> anyhow::Result<()> + Send,
    peak: &AtomicU64,
) -> anyhow::Result<()> {
    let (running, Pipes { stdin, stdout, stderr }) = program.start_piped(cx)?;
    let (end, ended) = sync_channel(0);
    let (watched, complaint, written) = thread::scope(|scope| {
        let writer = scope.spawn(|| feed(stdin));
        let complaint = scope.spawn(|| text(stderr));
        scope.spawn(move || {
            let said = text(stdout);
            drop(end);
            said
        });
        let watched = watch(cx, &running, &ended, peak);
        // Unless it has ended it does so now, and what is read and written of it, too.
        drop(running);
        (watched, complaint.join(), writer.join())
    });
    let status = watched?;
    if !status.success() {
        let complaint = complaint.unwrap_or_else(|panic| resume_unwind(panic))?;
        let complaint = printable(complaint.trim());
        return Err(Failure::failed(format!("`{program}` failed: {status}: {complaint}")).into());
    }
    written.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Waits for its end, and keeps an eye on its memory.
fn watch(
    cx: &Context,
    running: &Running,
    ended: &Receiver<()>,
    peak: &AtomicU64,
) -> anyhow::Result<ExitStatus> {
    // Its last word comes just before its end.
    while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        peak.fetch_max(memory::peak(running.pid()), Ordering::Relaxed);
        still_wanted(cx)?;
    }
    loop {
        let ended = running.ended()?;
        // One that was told to end has not failed.
        still_wanted(cx)?;
        if let Some(status) = ended {
            return Ok(status);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn text(mut reader: PipeReader) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Instant;

    use super::*;

    fn sh(script: &str) -> Program {
        Program::new("sh").args(["-c", script])
    }

    #[test]
    fn the_memory_of_what_it_starts_counts() {
        let cx = Context::for_tests();
        // tail has it all, and is not rid of it until standard input ends.
        let script =
            "exec 3<&0; head -c 20000000 /dev/zero | tail -c 20000000 | { cat <&3; cat; } >/dev/null";
        let (peak, limit) = (AtomicU64::new(0), Instant::now() + Duration::from_mins(1));
        let wait = |_stdin| {
            while peak.load(Ordering::Relaxed) < 20_000_000 {
                anyhow::ensure!(Instant::now() < limit, "{peak:?} bytes are all that was seen");
                thread::sleep(PAUSE);
            }
            Ok(())
        };
        run_seen(&cx, &sh(script), wait, &peak).unwrap();
    }

    #[test]
    fn what_it_is_given_comes_and_what_it_complains_of_is_told() {
        let cx = Context::for_tests();
        let given = |cx: &Context, script: &str| {
            run_with(cx, &sh(script), |mut stdin| Ok(stdin.write_all(b"given\n")?))
        };
        given(&cx, "read line; test \"$line\" = given").unwrap();
        let error = given(&cx, "read line; echo \"$line\" >&2; exit 3").unwrap_err().to_string();
        assert!(error.ends_with("failed: exit status: 3: given"), "{error}");
        let error = run_with(&cx, &sh("cat"), |_| anyhow::bail!("no more")).unwrap_err().to_string();
        assert_eq!(error, "no more");
    }
}
