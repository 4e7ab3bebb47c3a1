//! A repository on this machine, through Git's own programs.

use std::io::{self, BufWriter, PipeReader, Read, Write as _};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use git_seed::{Cause, Remote, Service};

use crate::context::Context;
use crate::failure::Failure;
use crate::git::git;
use crate::printable::one_line;
use crate::process::{Pipes, Running};
use crate::release::carried;

/// Longest answer of `git receive-pack` that is kept, in bytes: a report of one
/// reference, and what hooks say.
const MAX_REPORT: u64 = 1 << 20;
/// How much is passed on at once, in bytes: what a pipe holds.
const CHUNK: usize = 64 << 10;
/// Longest complaint that is kept, in bytes.
const MAX_COMPLAINT: u64 = 16 << 10;

/// A repository on this machine.
pub struct Local<'a> {
    cx: &'a Context,
    path: PathBuf,
}

/// What a program says, as it says it.
struct Answer {
    output: PipeReader,
    complaint: Option<JoinHandle<String>>,
    running: Running,
    service: &'static str,
    any: bool,
}

impl<'a> Local<'a> {
    /// The repository at `path`.
    pub fn new(cx: &'a Context, path: PathBuf) -> Self {
        Self { cx, path }
    }

    fn start(&self, service: Service, options: &[&str]) -> io::Result<(Answer, io::PipeWriter)> {
        let (service, protocol) = match service {
            Service::ReceivePack => ("receive-pack", "version=0"),
            Service::UploadPack => ("upload-pack", "version=2"),
        };
        let program = git(self.cx).args([service, "--stateless-rpc"]).args(options).args([&self.path]);
        // Its quarantine goes with it then; a signal would leave that behind.
        let program = program.variable("GIT_PROTOCOL", protocol).ends_with_input();
        let (running, Pipes { stdin, stdout, stderr }) = program.start_piped(self.cx).map_err(carried)?;
        let complaint = thread::spawn(move || complaint(stderr));
        Ok((Answer { output: stdout, complaint: Some(complaint), running, service, any: false }, stdin))
    }
}

impl Remote for Local<'_> {
    fn name(&self) -> String {
        self.cx.shown(&self.path)
    }

    fn advertisement(&self, service: Service) -> io::Result<Box<dyn Read + '_>> {
        let (answer, _) = self.start(service, &["--advertise-refs"])?;
        Ok(Box::new(answer))
    }

    fn call<'b>(
        &'b self,
        service: Service,
        mut body: Box<dyn Read + Send + 'b>,
    ) -> io::Result<Box<dyn Read + 'b>> {
        let (mut answer, mut stdin) = self.start(service, &[])?;
        if service == Service::UploadPack {
            // The question is shorter than a pipe, the answer may be long.
            io::copy(&mut body, &mut stdin)?;
            drop(stdin);
            return Ok(Box::new(answer));
        }
        // A hook can say more than a pipe holds while the pack is on its way.
        let report = thread::spawn(move || {
            let mut report = Vec::new();
            let read = (&mut answer).take(MAX_REPORT).read_to_end(&mut report);
            read.and_then(|_| io::copy(&mut answer, &mut io::sink())).map(|_| report)
        });
        let sent = {
            let mut stdin = BufWriter::with_capacity(CHUNK, &mut stdin);
            io::copy(&mut body, &mut stdin).and_then(|_| stdin.flush())
        };
        // Without it the program waits for more; after an error it sees half a pack.
        drop(stdin);
        let report = report.join().map_err(|_| io::Error::other("a reader panicked"))?;
        match sent {
            // It had heard enough, and has said why.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        Ok(Box::new(io::Cursor::new(report?)))
    }
}

impl Read for Answer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.output.read(buffer)?;
        self.any |= count > 0;
        if count > 0 || buffer.is_empty() || self.any {
            return Ok(count);
        }
        // It said nothing at all: its complaint is the answer.
        let complaint = self.complaint.take().and_then(|complaint| complaint.join().ok()).unwrap_or_default();
        match self.running.ended().map_err(carried)? {
            Some(status) if status.success() => Ok(0),
            _ if complaint.is_empty() => {
                let failure = Failure::missing(format!("`git {}` ended without a word", self.service));
                let help = "see that Git is installed in full, and that there is memory";
                Err(carried(failure.help(help).into()))
            }
            _ => Err(Cause::Damaged { says: complaint }.into()),
        }
    }
}

fn complaint(stderr: PipeReader) -> String {
    let mut said = Vec::new();
    let mut stderr = stderr.take(MAX_COMPLAINT);
    // What could be read is what there is to tell.
    let _ = stderr.read_to_end(&mut said);
    let _ = io::copy(&mut stderr.into_inner(), &mut io::sink());
    one_line(&String::from_utf8_lossy(&said))
}
