//! A checkout of its own for each test, and the real program run in it.
//!
//! ```ignore
//! let checkout = Checkout::new();
//! checkout.xtask(["version"]).run().exits(0).stdout("xtask 0.1.0\n").stderr("");
//! ```
//!
//! Expected text is exact but for `[..]` (anything within a line) and a line
//! of three dots (any lines); `[ROOT]` is the checkout. It is a string or
//! `snapbox::file!["snapshots/…"]`; `SNAPSHOTS=overwrite` brings those files
//! up to date.
#![allow(dead_code, reason = "each test crate uses a part of this")]
#![allow(unreachable_pub, reason = "each test crate includes this as its own module")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests panic, and start the program")]

mod terminal;

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use std::{env, fs};

use snapbox::{Assert, IntoData, Redactions};

/// Variables that the program gets from the test's own environment.
const INHERITED: &[&str] = &["PATH", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"];

/// A temporary checkout with copies of the profiles, templates and sample
/// release; gone when it is dropped.
pub struct Checkout {
    dir: tempfile::TempDir,
}

/// A call of the program, not yet run.
pub struct Call {
    command: Command,
    root: PathBuf,
}

/// What a call came to.
pub struct Ran {
    line: String,
    status: ExitStatus,
    stdout: String,
    stderr: String,
    root: PathBuf,
}

impl Checkout {
    /// A fresh checkout.
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("xtask-").tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for folder in ["profiles", "templates", "release-sample"] {
            copy(&source.join(folder), &dir.path().join(folder));
        }
        fs::create_dir(dir.path().join("xtask")).unwrap();
        Self { dir }
    }

    /// Its root folder.
    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file, by its path under the root.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Reads a file, by its path under the root.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// A call of the program: `args` as after `cargo xtask`, an environment
    /// with next to nothing in it, and no standard input.
    pub fn xtask<I: IntoIterator<Item: AsRef<OsStr>>>(&self, args: I) -> Call {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(args).current_dir(self.root()).stdin(Stdio::null()).env_clear();
        command.envs(INHERITED.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command.env("CARGO_MANIFEST_DIR", self.root().join("xtask")).env("HOME", self.root());
        Call { command, root: self.root().to_owned() }
    }
}

impl Call {
    /// Sets a variable of the environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Has this file as its standard input.
    pub fn input(mut self, path: &Path) -> Self {
        self.command.stdin(fs::File::open(path).unwrap());
        self
    }

    /// Runs in `dir`.
    pub fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Runs it from a shell that first does `preparation`, such as `ulimit`.
    pub fn after(self, preparation: &str) -> Self {
        self.by(&["sh", "-c", &format!("{preparation} && exec \"$0\" \"$@\"")])
    }

    /// Ends it after `limit`, with exit status 124: it hangs. Signals sent to
    /// what is spawned reach it.
    pub fn within(self, limit: Duration) -> Self {
        self.by(&["timeout", "--kill-after=20", &limit.as_secs().to_string()])
    }

    /// Gives the call to another program, which makes it.
    fn by(self, words: &[&str]) -> Self {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(self.command.get_program()).args(self.command.get_args());
        command.stdin(Stdio::null()).current_dir(&self.root).env_clear();
        command.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Self { command, root: self.root }
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Ran {
        let output = self.command.output().unwrap();
        self.ran(output.status, output.stdout, output.stderr)
    }

    /// Runs it to its end with a terminal of so many columns as its standard
    /// output.
    pub fn run_in_terminal(mut self, columns: u16) -> Ran {
        let (status, stdout) = terminal::run(&mut self.command, columns);
        self.ran(status, stdout, Vec::new())
    }

    /// Runs it to its end with all its output on a terminal of so many columns;
    /// the lines that are to be seen there afterwards, and the exit status.
    pub fn run_on_screen(mut self, columns: u16) -> (Vec<String>, Option<i32>) {
        let (status, lines) = terminal::run_on_screen(&mut self.command, columns);
        (lines, status.code())
    }

    /// Runs it to its end with a standard output that nobody reads.
    pub fn run_unread(self) -> Ran {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        self.run_into(writer)
    }

    /// Runs it to its end with a standard output of the test's own.
    pub fn run_into(mut self, stdout: impl Into<Stdio>) -> Ran {
        let child = self.command.stdout(stdout).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        self.ran(output.status, output.stdout, output.stderr)
    }

    /// Starts it and leaves it to the test, for signals and the like.
    pub fn spawn(mut self) -> Child {
        self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs it to its end with `text` as its standard input.
    pub fn run_with_stdin(mut self, text: &str) -> Ran {
        let mut child = self.command.stdin(Stdio::piped()).stdout(Stdio::piped());
        child = child.stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        self.ran(output.status, output.stdout, output.stderr)
    }

    fn ran(self, status: ExitStatus, stdout: Vec<u8>, stderr: Vec<u8>) -> Ran {
        let words: Vec<OsString> = self.command.get_args().map(ToOwned::to_owned).collect();
        let line = format!("cargo xtask {}", words.join(OsStr::new(" ")).display());
        let stdout = String::from_utf8(stdout).unwrap();
        let stderr = String::from_utf8(stderr).unwrap();
        Ran { line, status, stdout, stderr, root: self.root }
    }
}

impl Ran {
    /// Asserts the exit status.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        let Self { line, stdout, stderr, .. } = &self;
        let said = format!("--- stdout\n{stdout}--- stderr\n{stderr}");
        assert_eq!(self.status.code(), Some(status), "exit status of `{line}`\n{said}");
        self
    }

    /// Asserts standard output.
    #[track_caller]
    pub fn stdout(self, expected: impl IntoData) -> Self {
        self.compare(&self.stdout, expected);
        self
    }

    /// Asserts standard error.
    #[track_caller]
    pub fn stderr(self, expected: impl IntoData) -> Self {
        self.compare(&self.stderr, expected);
        self
    }

    /// Standard output as it is.
    pub fn text(&self) -> &str {
        &self.stdout
    }

    /// Standard error as it is.
    pub fn errors(&self) -> &str {
        &self.stderr
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {:?}", self.stdout))
    }

    #[track_caller]
    fn compare(&self, actual: &str, expected: impl IntoData) {
        let mut redactions = Redactions::new();
        redactions.insert("[ROOT]", self.root.clone()).unwrap();
        let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
        assert.redact_with(redactions).eq(actual, expected);
    }
}

/// The lines that a spawned call writes on its standard error, as it writes them.
pub fn heard(call: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(call.stderr.take().unwrap()).lines().map(Result::unwrap)
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
