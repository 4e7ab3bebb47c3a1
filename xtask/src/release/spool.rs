//! A release that can be read only once, kept as long as it is needed.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::AsFd;

use anyhow::Context as _;
use git_seed::{ArchiveFile, Origin};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::rules::Rules;
use super::watched::still_wanted;
use crate::context::Context;
use crate::failure::Failure;

/// How much is read at once, in bytes.
const CHUNK: usize = 64 << 10;
/// How soon it is seen that nobody waits for the release any more.
const BEAT: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Keeps all that comes through `input` in a file without a name; refuses more
/// than the files of a release may have.
pub fn spool(cx: &Context, input: impl AsFd, name: &str, rules: &Rules) -> anyhow::Result<Origin> {
    let cannot = || format!("cannot read {name}");
    let folder = &cx.environment.temporary;
    let no_room = || {
        Failure::failed(format!("cannot keep {name} in the folder `{}`", folder.display()))
            .help("name a folder that is there and has room with the variable `TMPDIR`")
    };
    let limit = rules.limits.total;
    let input = input.as_fd().try_clone_to_owned().with_context(cannot)?;
    // Without a buffer: what `poll` says is so.
    let mut input = File::from(input);
    let mut file = tempfile::tempfile_in(folder).with_context(no_room)?;
    let mut chunk = vec![0; CHUNK];
    let mut count = 0;
    loop {
        wait(cx, &input)?;
        let read = match input.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error).with_context(cannot),
        };
        file.write_all(&chunk[..read]).with_context(no_room)?;
        count += read as u64;
        if count > limit {
            let message = format!("{name} goes on after {limit} bytes");
            return Err(Failure::failed(message).help(rules.raise("total")).into());
        }
    }
    let archive = ArchiveFile::of(file, name).with_context(cannot)?;
    Ok(Origin::Archive(Box::new(archive)))
}

/// Waits until there is something to read, or nothing any more.
fn wait(cx: &Context, input: &impl AsFd) -> anyhow::Result<()> {
    loop {
        still_wanted(cx)?;
        match poll(&mut [PollFd::new(input, PollFlags::IN)], Some(&BEAT)) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}
