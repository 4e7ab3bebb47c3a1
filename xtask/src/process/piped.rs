//! Programs that are talked with.

use std::io::{PipeReader, PipeWriter, pipe};

use anyhow::Context as _;

use super::{Program, Running};
use crate::context::Context;

/// Our ends of a program's standard streams.
#[derive(Debug)]
pub struct Pipes {
    /// What it reads.
    pub stdin: PipeWriter,
    /// What it answers.
    pub stdout: PipeReader,
    /// What it has to say beside that.
    pub stderr: PipeReader,
}

impl Program {
    /// Starts it, telling those alone who want details, with pipes to all of its standard streams.
    /// When it ends, or is ended, the streams end; it is ended when the time is up.
    pub fn start_piped(&self, cx: &Context) -> anyhow::Result<(Running, Pipes)> {
        cx.interrupt.check()?;
        cx.reporter.detail(&format!("$ {self}"));
        let new_pipe = || pipe().context("cannot make a pipe");
        let ((input, stdin), (stdout, output), (stderr, errors)) = (new_pipe()?, new_pipe()?, new_pipe()?);
        let expression = self.expression().stdin_file(input).stdout_file(output).stderr_file(errors);
        let handle = expression.unchecked().start().map_err(|error| self.cannot_start(error))?;
        let running = Running::new(cx, handle, self).until(cx.deadline.instant());
        Ok((running, Pipes { stdin, stdout, stderr }))
    }
}
