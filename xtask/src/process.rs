//! The only place that starts programs.
#![expect(clippy::disallowed_methods, reason = "this is the room where programs are started")]

mod alarm;
mod attached;
mod detached;
mod followed;
mod missing;
mod piped;
mod quiet;
mod running;
mod shown;

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;

pub use self::piped::Pipes;
pub use self::running::Running;

use crate::context::Context;
use crate::environment;
use crate::failure::Failure;
use crate::interrupt::Ending;
use crate::printable::printable;

/// How long a program may take to end after SIGTERM, before SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// A program with its arguments, not yet started. Arguments are shown to the
/// user as they are, so no secret may be among them.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    dir: Option<PathBuf>,
    variables: Vec<(String, OsString)>,
    removed: Vec<String>,
    patience: Option<Duration>,
    ending: Ending,
}

impl Program {
    /// A program by path, or by name in `PATH`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
            dir: None,
            variables: Vec::new(),
            removed: Vec::new(),
            patience: None,
            ending: Ending::Signal,
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Adds arguments before those that it has.
    #[must_use]
    pub fn args_before<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, args: I) -> Self {
        self.args.splice(0..0, args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Runs it in `dir`.
    #[must_use]
    pub fn dir(mut self, dir: &Path) -> Self {
        self.dir = Some(dir.to_owned());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Takes variables out of its environment, unless they are set for it.
    #[must_use]
    pub fn without(mut self, names: &[String]) -> Self {
        self.removed.extend_from_slice(names);
        self
    }

    /// How long it may take to its end when `--timeout` says nothing; else it
    /// is waited for without a limit.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = Some(patience);
        self
    }

    /// It tidies up when its input ends, and does not on SIGTERM.
    #[must_use]
    pub fn ends_with_input(mut self) -> Self {
        self.ending = Ending::Input;
        self
    }

    /// Runs it to its end with its output on our standard error; fails unless
    /// it succeeds. Under `--dry-run` it is shown and not run.
    pub fn run(&self, cx: &Context) -> anyhow::Result<()> {
        if cx.dry_run {
            return cx.reporter.would(&format!("run `{self}`"));
        }
        cx.reporter.command(&self.to_string());
        self.finish(cx, &self.expression().stdin_null().stdout_to_stderr()).map(drop)
    }

    /// Runs it to its end and returns its standard output. It only reads, so
    /// it runs under `--dry-run` too.
    pub fn read(&self, cx: &Context) -> anyhow::Result<String> {
        let output = self.finish(cx, &self.expression().stdin_null().stdout_capture())?;
        String::from_utf8(output).with_context(|| format!("`{self}` printed something other than UTF-8"))
    }

    /// Runs it to its end and keeps all that it prints: whether it succeeded,
    /// and its words. It shares our turn by its standard input, also if we are killed.
    pub fn capture(&self, cx: &Context) -> anyhow::Result<(bool, String)> {
        let turn = cx.turn.get().map(crate::lock::Lock::share).transpose()?;
        let captured = self.expression().stderr_to_stdout().stdout_capture();
        let expression = turn.map_or(captured.stdin_null(), |turn| captured.stdin_file(turn));
        let output = self.wait(cx, &expression)?;
        Ok((output.status.success(), printable(&String::from_utf8_lossy(&output.stdout))))
    }

    /// Starts it with its output in the file `log`.
    pub fn start(&self, cx: &Context, log: &Path) -> anyhow::Result<Running> {
        cx.reporter.command(&self.to_string());
        let expression = self.expression().stdin_null().stderr_to_stdout().stdout_path(log).unchecked();
        let handle = expression.start().map_err(|error| self.cannot_start(error))?;
        Ok(Running::new(cx, handle, self))
    }

    fn expression(&self) -> duct::Expression {
        // As a path, a mere name would be sought in the current folder.
        let mut expression = duct::cmd(self.path.as_os_str(), &self.args);
        // duct keeps what is said first, a command what is said last.
        let environment: Vec<_> = self.environment().collect();
        for (name, value) in environment.into_iter().rev() {
            expression = match value {
                Some(value) => expression.env(name, value),
                None => expression.env_remove(name),
            };
        }
        if let Some(dir) = &self.dir {
            expression = expression.dir(dir);
        }
        // A group of its own: Ctrl-C reaches it through us, once, and reaches
        // whatever it started as well.
        expression.before_spawn(|command| {
            command.process_group(0);
            Ok(())
        })
    }

    /// How its environment differs from ours, in order: variables to set, and
    /// those of Cargo to remove.
    fn environment(&self) -> impl Iterator<Item = (String, Option<OsString>)> {
        let removed = environment::cargo_variables().into_iter().chain(self.removed.iter().cloned());
        let removed = removed.map(|name| (name, None));
        removed.chain(self.variables.iter().map(|(name, value)| (name.clone(), Some(value.clone()))))
    }

    fn finish(&self, cx: &Context, expression: &duct::Expression) -> anyhow::Result<Vec<u8>> {
        let output = self.wait(cx, expression)?;
        if !output.status.success() {
            return Err(Failure::failed(format!("`{self}` failed: {}", output.status)).into());
        }
        Ok(output.stdout)
    }

    fn wait(&self, cx: &Context, expression: &duct::Expression) -> anyhow::Result<std::process::Output> {
        cx.interrupt.check()?;
        let handle = expression.unchecked().start().map_err(|error| self.cannot_start(error))?;
        let running = Running::new(cx, handle, self);
        let limit = cx.deadline.instant().or_else(|| self.patience.map(|patience| Instant::now() + patience));
        let ended = match limit {
            Some(instant) => running.handle.wait_deadline(instant),
            None => running.handle.wait().map(Some),
        };
        let ended = ended.with_context(|| format!("cannot wait for `{self}`"))?;
        let output = ended.with_context(|| {
            Failure::timed_out(format!("`{self}` was still running when the time was up"))
                .help("give it more time with `--timeout`")
        })?;
        cx.interrupt.check()?;
        Ok(output.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Exit, exit_of};

    #[test]
    fn what_is_set_stays() {
        // Cargo sets it for tests too, and it is kept from programs otherwise.
        let program = |set: &[&str]| {
            let program = Program::new("sh").args(["-c", "echo \"$CARGO_MANIFEST_DIR\""]);
            set.iter().fold(program, |program, value| program.variable("CARGO_MANIFEST_DIR", value))
        };
        assert_eq!(program(&[]).expression().read().unwrap(), "");
        assert_eq!(program(&["x"]).expression().read().unwrap(), "x");
    }

    #[test]
    fn one_that_takes_too_long_is_ended() {
        let program = Program::new("sleep").args(["600"]).patience(Duration::from_millis(10));
        let error = program.read(&Context::for_tests()).unwrap_err();
        assert_eq!(exit_of(&error), Exit::TimedOut, "{error:#}");
    }

    #[test]
    fn a_name_is_sought_in_path() {
        assert_eq!(Program::new("true").expression().run().unwrap().status.code(), Some(0));
    }
}
