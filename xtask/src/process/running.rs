//! Programs that run beside us.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;

use super::alarm::Alarm;
use super::{GRACE, Program};
use crate::context::Context;
use crate::interrupt::Group;

/// A program that runs beside us; ended when this is dropped.
#[derive(Debug)]
pub struct Running {
    pub(super) handle: duct::Handle,
    group: Arc<Group>,
    line: String,
    /// There if it is to end by itself when the time is up.
    alarm: Option<Alarm>,
}

fn first_pid(handle: &duct::Handle) -> u32 {
    handle.pids().first().copied().unwrap_or_default()
}

impl Running {
    pub(super) fn new(cx: &Context, handle: duct::Handle, program: &Program) -> Self {
        let group = Arc::new(cx.interrupt.watch_group(first_pid(&handle), program.ending));
        Self { handle, group, line: program.to_string(), alarm: None }
    }

    /// Ends when the time is up, also if nobody waits for that.
    pub(super) fn until(mut self, deadline: Option<Instant>) -> Self {
        self.alarm = deadline.map(|deadline| Alarm::set(&self.group, deadline));
        self
    }

    /// The process that was started.
    pub fn pid(&self) -> u32 {
        first_pid(&self.handle)
    }

    /// Its exit status, once it has ended.
    pub fn ended(&self) -> anyhow::Result<Option<std::process::ExitStatus>> {
        let output = self.handle.try_wait().with_context(|| format!("cannot ask for `{}`", self.line))?;
        Ok(output.map(|output| output.status))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.group.terminate();
        if !matches!(self.handle.wait_timeout(GRACE), Ok(Some(_))) {
            self.group.kill();
            // Nothing outlives SIGKILL; an error here leaves nothing to do.
            let _ = self.handle.wait();
        }
    }
}
