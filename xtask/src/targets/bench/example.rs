//! Programs that measurements talk with, and that nothing users run depends on:
//! examples of this workspace.

use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Read as _, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::context::Context;
use crate::printable::printable;
use crate::process::{Program, Running};
use crate::release::still_wanted;

/// A running example. It ends when this is dropped.
pub struct Example<'a> {
    cx: &'a Context,
    name: &'static str,
    input: PipeWriter,
    output: BufReader<PipeReader>,
    errors: PipeReader,
    _running: Running,
}

/// What builds an example. The whole workspace is selected, as for the tests:
/// other packages would have other features, and everything would be built anew.
pub fn build(cx: &Context, name: &str) -> Program {
    let args = ["build", "--workspace", "--example", name, "--message-format", "json"];
    Program::new("cargo").args(args).dir(cx.root())
}

impl<'a> Example<'a> {
    /// Builds the example and starts it as `prepare` says; what its first line
    /// has, in JSON.
    pub fn start<T: DeserializeOwned>(
        cx: &'a Context,
        name: &'static str,
        prepare: impl FnOnce(Program) -> Program,
    ) -> anyhow::Result<(Self, T)> {
        let build = build(cx, name);
        cx.reporter.command(&build.to_string());
        let path = executable(&build.read(cx)?).with_context(|| format!("`{build}` tells no executable"))?;
        let program = prepare(Program::new(path));
        cx.reporter.command(&program.to_string());
        let (running, pipes) = program.start_piped(cx)?;
        let output = BufReader::new(pipes.stdout);
        let mut example =
            Self { cx, name, input: pipes.stdin, output, errors: pipes.stderr, _running: running };
        // It may hold a secret, and is not shown.
        let first = serde_json::from_str(&example.line()?)
            .with_context(|| format!("the example `{name}` does not say how it is reached"))?;
        Ok((example, first))
    }

    /// Tells it something, and returns when it has answered.
    pub fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        // What cannot be written has an answer that cannot be read.
        let _ = writeln!(self.input, "{line}");
        self.line().map(drop)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if matches!(self.output.read_line(&mut line), Ok(count) if count > 0) {
            return Ok(line);
        }
        // An interrupt, or the end of the time, has ended it.
        still_wanted(self.cx)?;
        let mut said = String::new();
        // What it said last is all there is to tell.
        let _ = self.errors.read_to_string(&mut said);
        Err(anyhow!(printable(said.trim()))).with_context(|| format!("the example `{}` has ended", self.name))
    }
}

/// The program, among what Cargo tells of a build.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?))).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_in_what_cargo_tells() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
                        {\"reason\":\"compiler-artifact\",\"executable\":\"/target/x\"}\n\
                        {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executable(messages), Some(PathBuf::from("/target/x")));
        assert_eq!(executable("no JSON\n"), None);
    }
}
