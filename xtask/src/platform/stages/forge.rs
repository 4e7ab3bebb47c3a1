//! The stage that starts the forge in the place of the Git server.

use std::fs;
use std::time::Duration;

use anyhow::Context as _;

use super::stand_in::Post;
use super::told;
use crate::context::Context;
use crate::daemon::Status;
use crate::forge::bare::Bare;
use crate::forge::{self, Config, Forge as _, ForgeStatus};
use crate::gitea::ServerArgs;
use crate::replace::replace_private;
use crate::stage::{Progress, Stage, State};
use crate::state::StateDir;

/// File with the port of plain HTTP, so that its URL stays.
const PORT: &str = "forge.port";

/// Bare repositories, served where the profile's routes expect Gitea.
pub struct ForgeStage(pub Post);

impl ForgeStage {
    fn config(&self, cx: &Context) -> anyhow::Result<Config> {
        // Without it, or with an odd one, any port will do.
        let port =
            fs::read_to_string(StateDir::of(cx).file(PORT)).ok().and_then(|text| text.trim().parse().ok());
        Ok(Config {
            place: self.0.config(cx)?,
            repositories: Bare::folder(cx),
            port: port.unwrap_or_default(),
        })
    }
}

impl Stage for ForgeStage {
    fn name(&self) -> &str {
        &self.0.role.name
    }

    fn needs(&self) -> Vec<&str> {
        self.0.needs.clone()
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let status: Option<Status<ForgeStatus>> = self.0.daemon.status()?;
        Ok(match status {
            Some(status) if !status.is_current() => State::Down("it is of another build".to_owned()),
            Some(status) if !self.0.fits(cx, &status.service.place)? => {
                State::Down("it runs with other certificates, routes or addresses".to_owned())
            }
            Some(_) if !Bare::of(cx)?.has_repository()? => {
                State::Down("its repository is missing".to_owned())
            }
            Some(status) => State::Up(describe(cx, &status.service)?),
            None => State::Down("starting the forge".to_owned()),
        })
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        let name = &self.0.role.name;
        Ok(vec![
            format!(
                "make the repository {}, if it is not there",
                forge::of(cx, &ServerArgs::default())?.describe()
            ),
            format!("start `xtask daemon forge --name {name}`, which serves it over HTTP and TLS"),
        ])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        forge::of(cx, &ServerArgs::default())?.prepare()?;
        self.0.daemon.stop(Duration::ZERO)?;
        let status: Status<ForgeStatus> = self.0.daemon.start(cx, "forge", &self.config(cx)?)?;
        let port = status.service.http.port().to_string();
        replace_private(&StateDir::of(cx).file(PORT), port.as_bytes())?;
        describe(cx, &status.service)
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(told(self.0.daemon.stop(Duration::ZERO)?))
    }
}

fn describe(cx: &Context, status: &ForgeStatus) -> anyhow::Result<String> {
    let tls = status.place.listeners.first().context("the forge has no listener")?.address;
    Ok(format!("{} and TLS on {tls}", status.url(&cx.profile()?.gitea()?.repository)))
}
