//! Contents of Git objects, one after the other, as they are in the repository.

use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::thread;

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;
use crate::printable::printable;
use crate::process::Program;

/// Longest first line of an answer, in bytes: an id, a kind, a size.
const MAX_LINE: u64 = 200;

/// Gives the content of each blob of `ids` to `visit`, in order, by `program`,
/// which is `git cat-file --batch` and takes as long as it lives.
pub fn read<'a>(
    cx: &Context,
    program: &Program,
    ids: impl Iterator<Item = &'a str> + Clone + Send,
    visit: &mut dyn FnMut(usize, u64, &mut dyn Read) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (running, pipes) = program.start_piped(cx)?;
    let (mut stdin, stdout, mut stderr) = (pipes.stdin, pipes.stdout, pipes.stderr);
    let read = thread::scope(|scope| {
        let asked = ids.clone();
        // It answers while it is asked; both ways are of limited length.
        let asking = scope.spawn(move || -> io::Result<()> {
            for id in asked {
                stdin.write_all(format!("{id}\n").as_bytes())?;
            }
            Ok(())
        });
        let complaints = scope.spawn(move || {
            let mut said = String::new();
            // Whatever cannot be read is missing from a message alone.
            let _ = stderr.read_to_string(&mut said);
            said
        });
        let read = read_all(BufReader::new(stdout), ids, visit);
        // Whoever still waits for it sees that it has ended.
        drop(running);
        let said = complaints.join().unwrap_or_default();
        let asked = asking.join().unwrap_or(Ok(()));
        read.and_then(|()| Ok(asked?)).map_err(|error| with_complaint(error, &said))
    });
    cx.interrupt.check()?;
    read
}

fn read_all<'a>(
    mut answers: impl BufRead,
    ids: impl Iterator<Item = &'a str>,
    visit: &mut dyn FnMut(usize, u64, &mut dyn Read) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for (position, id) in ids.enumerate() {
        let mut line = String::new();
        answers.by_ref().take(MAX_LINE).read_line(&mut line).context("cannot read what Git answers")?;
        let size = size_in(&line, id)?;
        let mut content = answers.by_ref().take(size);
        visit(position, size, &mut content)?;
        anyhow::ensure!(content.limit() == 0, "the blob `{id}` was not read to its end");
        let mut end = [0];
        answers.read_exact(&mut end).context("Git stopped in the middle of a blob")?;
    }
    Ok(())
}

/// The size in `{id} blob {size}`.
fn size_in(line: &str, id: &str) -> anyhow::Result<u64> {
    let size = match line.split_whitespace().collect::<Vec<_>>()[..] {
        [_, "blob", size] => size.parse().ok(),
        _ => None,
    };
    size.with_context(|| {
        Failure::failed(format!(
            "Git has no content for the blob `{id}`: it says `{}`",
            printable(line.trim())
        ))
        .help("fetch what is missing: `git fsck` tells")
    })
}

fn with_complaint(error: anyhow::Error, said: &str) -> anyhow::Error {
    let said = printable(said.trim());
    if said.is_empty() { error } else { anyhow::anyhow!(said).context(error) }
}
