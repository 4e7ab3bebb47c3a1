//! What a start of the router, or its dry run, says.

use anyhow::{Context as _, bail, ensure};

use super::answer::LeftOut;
use crate::failure::Exit;
use crate::targets::bench::said::Said;

/// Fails unless it is a start that has proven every route.
pub fn check_all_proven(said: &Said) -> anyhow::Result<()> {
    let routes = said.answer()?["routes"].as_array().context("a start tells its routes")?;
    let unproven = routes.iter().find(|route| route["outcome"] != "proven");
    unproven.map_or(Ok(()), |route| bail!("the router does not serve route {route}"))
}

/// Fails unless it is a dry run of a start that has found every backend.
pub fn check_all_found(said: &Said) -> anyhow::Result<()> {
    said.check()?;
    let mut routes = said.texts("would").filter(|step| step.starts_with("send route `")).peekable();
    ensure!(routes.peek().is_some(), "`{}` looked nothing up", said.line());
    let absent = routes.find(|step| step.contains("nowhere"));
    absent.map_or(Ok(()), |step| bail!("a backend is not found: it would {step}"))
}

/// What an engine lacks on this machine, if it is a dry run of its start and
/// this says so.
pub fn lack(said: &Said, engine: &'static str) -> anyhow::Result<Option<LeftOut>> {
    let missing = Exit::Missing as u8;
    if let Some(error) = said.error().filter(|error| error["exit"] == missing) {
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        return Ok(Some(LeftOut { engine, reason: text("message"), get: text("help") }));
    }
    said.check()?;
    let image = said.texts("would").find_map(|step| step.strip_prefix("pull image `")?.strip_suffix('`'));
    Ok(image.map(|image| LeftOut {
        engine,
        reason: format!("image `{image}` is not there"),
        get: format!("get it with `docker pull {image}`"),
    }))
}

/// The command by which Compose made and started its project.
pub fn compose_up(said: &Said) -> Option<&str> {
    said.texts("command").find(|command| command.ends_with(" up --detach"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        Said::parse("xtask".to_owned(), text).unwrap()
    }

    #[test]
    fn composes_command_is_found() {
        let said = said(
            "{\"schema\":1,\"command\":\"docker-compose -p x up --detach\"}\n\
             {\"schema\":1,\"command\":\"router start\",\"change\":\"started\"}\n",
        );
        assert_eq!(compose_up(&said), Some("docker-compose -p x up --detach"));
        assert!(lack(&said, "traefik").unwrap().is_none());
    }

    #[test]
    fn what_is_missing_is_told() {
        let absent = said(
            "{\"schema\":1,\"error\":{\"message\":\"no Docker\",\"causes\":[],\"help\":\"start it\",\"exit\":3}}",
        );
        let lacks = lack(&absent, "traefik").unwrap().unwrap();
        assert_eq!((lacks.reason.as_str(), lacks.get.as_str()), ("no Docker", "start it"));
        let pull =
            said("{\"schema\":1,\"would\":\"write `x`\"}{\"schema\":1,\"would\":\"pull image `a:1`\"}");
        assert_eq!(lack(&pull, "traefik").unwrap().unwrap().reason, "image `a:1` is not there");
    }

    #[test]
    fn other_errors_are_errors() {
        let failed = said("{\"schema\":1,\"error\":{\"message\":\"disk full\",\"help\":null,\"exit\":1}}");
        assert!(format!("{:#}", lack(&failed, "traefik").unwrap_err()).contains("disk full"));
    }
}
