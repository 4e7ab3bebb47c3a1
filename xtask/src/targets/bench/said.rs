//! What a call of this program said, on both of its streams.

use std::time::Instant;

use anyhow::Context as _;
use serde_json::{Deserializer, Value};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::process::Program;

/// Its answer, notes and error, one JSON value each.
pub struct Said {
    line: String,
    values: Vec<Value>,
}

impl Said {
    /// Runs the program and takes in what it says.
    pub fn of(cx: &Context, program: &Program) -> anyhow::Result<Self> {
        let (_, text) = program.capture(cx)?;
        Self::parse(program.to_string(), &text)
    }

    /// The same, and the seconds that the call took.
    pub fn timed(cx: &Context, program: &Program) -> anyhow::Result<(Self, f64)> {
        let begin = Instant::now();
        let said = Self::of(cx, program)?;
        Ok((said, begin.elapsed().as_secs_f64()))
    }

    /// Takes in what the call `line` says.
    pub fn parse(line: String, text: &str) -> anyhow::Result<Self> {
        let values = Deserializer::from_str(text).into_iter().collect::<Result<_, _>>();
        let values = values.with_context(|| format!("`{line}` says something else than JSON: {text}"))?;
        Ok(Self { line, values })
    }

    /// The call, as it could be typed.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// Its answer; fails if the call failed.
    pub fn answer(&self) -> anyhow::Result<&Value> {
        self.check()?;
        // A command that is told has no other field than its shape's version.
        let answer = |value: &&Value| {
            value["command"].is_string() && value.as_object().is_some_and(|fields| fields.len() > 2)
        };
        self.values.iter().find(answer).with_context(|| format!("`{}` gives no answer", self.line))
    }

    /// Fails if the call failed: where something is missing, as the call did.
    pub fn check(&self) -> anyhow::Result<()> {
        let Some(error) = self.error() else { return Ok(()) };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let message = text(&error["message"]);
        let (failure, first) = if error["exit"] == Exit::Missing as u8 {
            (Failure::missing(message), None)
        } else {
            (Failure::failed(format!("`{}` failed", self.line)), Some(message))
        };
        let failure = match error["help"].as_str() {
            Some(help) => failure.help(help),
            None => failure,
        };
        let causes = error["causes"].as_array().into_iter().flatten().map(text);
        let mut causes: Vec<String> = first.into_iter().chain(causes).collect();
        let Some(last) = causes.pop() else { return Err(failure.into()) };
        Err(causes.into_iter().rfold(anyhow::Error::msg(last), anyhow::Error::context).context(failure))
    }

    /// The texts that it gives as `key`: notes, commands, steps of a dry run.
    pub fn texts<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter_map(move |value| value[key].as_str())
    }

    /// Its error, if it failed.
    pub fn error(&self) -> Option<&Value> {
        self.values.iter().find_map(|value| value.get("error").filter(|error| error.is_object()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{exit_of, help_of};

    fn said(text: &str) -> Said {
        Said::parse("xtask".to_owned(), text).unwrap()
    }

    fn failed(error: &str) -> anyhow::Error {
        said(&format!("{{\"schema\":1,\"error\":{error}}}")).answer().unwrap_err()
    }

    #[test]
    fn an_answer_is_found_among_notes_and_commands() {
        let said = said(
            "{\"schema\":1,\"command\":\"docker-compose up\"}\n{\"schema\":1,\"note\":\"n\"}\n\
             {\n  \"schema\": 1,\n  \"command\": \"router start\",\n  \"change\": \"started\"\n}\n",
        );
        assert_eq!(said.answer().unwrap()["change"], "started");
        assert_eq!(said.texts("note").collect::<Vec<_>>(), ["n"]);
    }

    #[test]
    fn what_is_missing_is_told_as_the_call_told_it() {
        let error = failed(r#"{"message":"no Docker","causes":["asleep"],"help":"start it","exit":3}"#);
        assert_eq!((exit_of(&error), help_of(&error)), (Exit::Missing, Some("start it")));
        assert_eq!(format!("{error:#}"), "no Docker: asleep");
        let error = failed(r#"{"message":"no Docker","causes":[],"help":"start it","exit":3}"#);
        assert_eq!((exit_of(&error), format!("{error:#}")), (Exit::Missing, "no Docker".to_owned()));
    }

    #[test]
    fn other_errors_name_the_call() {
        let error = failed(r#"{"message":"disk full","causes":["a","b"],"help":null,"exit":1}"#);
        assert_eq!(format!("{error:#}"), "`xtask` failed: disk full: a: b");
        assert_eq!(exit_of(&error), Exit::Failed);
    }
}
