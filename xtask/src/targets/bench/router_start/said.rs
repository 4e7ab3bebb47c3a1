//! What a call of this program said, on both of its streams.

use anyhow::{Context as _, bail, ensure};
use serde_json::{Deserializer, Value};

use super::answer::LeftOut;
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
        let values = Deserializer::from_str(&text).into_iter().collect::<Result<_, _>>();
        let line = program.to_string();
        let values = values.with_context(|| format!("`{line}` says something else than JSON: {text}"))?;
        Ok(Self { line, values })
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

    /// Fails unless it is a start that has proven every route.
    pub fn check_all_proven(&self) -> anyhow::Result<()> {
        let routes = self.answer()?["routes"].as_array().context("a start tells its routes")?;
        let unproven = routes.iter().find(|route| route["outcome"] != "proven");
        unproven.map_or(Ok(()), |route| bail!("the router does not serve route {route}"))
    }

    /// Fails unless it is a dry run of a start that has found every backend.
    pub fn check_all_found(&self) -> anyhow::Result<()> {
        self.check()?;
        let mut routes = self.texts("would").filter(|step| step.starts_with("send route `")).peekable();
        ensure!(routes.peek().is_some(), "`{}` looked nothing up", self.line);
        let absent = routes.find(|step| step.contains("nowhere"));
        absent.map_or(Ok(()), |step| bail!("a backend is not found: it would {step}"))
    }

    /// What an engine lacks on this machine, if the call was a dry run of its
    /// start and this says so.
    pub fn lack(&self, engine: &'static str) -> anyhow::Result<Option<LeftOut>> {
        let missing = Exit::Missing as u8;
        if let Some(error) = self.error().filter(|error| error["exit"] == missing) {
            let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
            return Ok(Some(LeftOut { engine, reason: text("message"), get: text("help") }));
        }
        self.check()?;
        let image = self.texts("would").find_map(|step| step.strip_prefix("pull image `")?.strip_suffix('`'));
        Ok(image.map(|image| LeftOut {
            engine,
            reason: format!("image `{image}` is not there"),
            get: format!("get it with `docker pull {image}`"),
        }))
    }

    /// The command by which Compose made and started its project.
    pub fn compose_up(&self) -> Option<&str> {
        self.texts("command").find(|command| command.ends_with(" up --detach"))
    }

    fn check(&self) -> anyhow::Result<()> {
        let Some(error) = self.error() else { return Ok(()) };
        let message = error["message"].as_str().unwrap_or_default().to_owned();
        Err(anyhow::anyhow!(message).context(Failure::failed(format!("`{}` failed", self.line))))
    }

    fn texts<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter_map(move |value| value[key].as_str())
    }

    fn error(&self) -> Option<&Value> {
        self.values.iter().find_map(|value| value.get("error").filter(|error| error.is_object()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        let values = Deserializer::from_str(text).into_iter().collect::<Result<_, _>>();
        Said { line: "xtask".to_owned(), values: values.unwrap() }
    }

    #[test]
    fn an_answer_is_found_among_notes_and_commands() {
        let said = said(
            "{\"schema\":1,\"command\":\"docker-compose -p x up --detach\"}\n{\"schema\":1,\"note\":\"n\"}\n\
             {\n  \"schema\": 1,\n  \"command\": \"router start\",\n  \"change\": \"started\"\n}\n",
        );
        assert_eq!(said.answer().unwrap()["change"], "started");
        assert_eq!(said.compose_up(), Some("docker-compose -p x up --detach"));
        assert!(said.lack("traefik").unwrap().is_none());
    }

    #[test]
    fn what_is_missing_is_told() {
        let absent = said(
            "{\"schema\":1,\"error\":{\"message\":\"no Docker\",\"causes\":[],\"help\":\"start it\",\"exit\":3}}",
        );
        let lack = absent.lack("traefik").unwrap().unwrap();
        assert_eq!((lack.reason.as_str(), lack.get.as_str()), ("no Docker", "start it"));
        assert!(absent.answer().is_err());
        let pull =
            said("{\"schema\":1,\"would\":\"write `x`\"}{\"schema\":1,\"would\":\"pull image `a:1`\"}");
        assert_eq!(pull.lack("traefik").unwrap().unwrap().reason, "image `a:1` is not there");
    }

    #[test]
    fn other_errors_are_errors() {
        let failed = said("{\"schema\":1,\"error\":{\"message\":\"disk full\",\"help\":null,\"exit\":1}}");
        assert!(format!("{:#}", failed.lack("traefik").unwrap_err()).contains("disk full"));
    }
}
