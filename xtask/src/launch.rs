//! How the router was started, kept for the calls after that: what was said
//! to `router start` need not be said to `sync`, `status` or `stop` again.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;
use cluster::Access;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::engine::traefik;
use crate::failure::Failure;
use crate::replace::replace_private;
use crate::sandbox;
use crate::state::StateDir;

const FILE: &str = "router.json";

/// What was said to `router start`. Names files, and holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Overrides of the profile, `key=value`.
    pub overrides: Vec<String>,
    /// Backends that were given, `route=address`.
    pub backends: Vec<String>,
    /// How the cluster was found.
    pub access: Access,
    /// The sandbox that was asked for.
    #[serde(default)]
    pub sandbox: Option<sandbox::Request>,
    /// The Docker that the router runs in, as in `DOCKER_HOST`; none: in none.
    #[serde(default)]
    pub docker: Option<String>,
}

impl Launch {
    /// What this call says.
    pub fn of(cx: &Context, backends: &[String]) -> Self {
        Self {
            overrides: cx.overrides().to_vec(),
            backends: backends.to_vec(),
            access: cx.access().clone(),
            sandbox: cx.sandbox().cloned(),
            docker: traefik::docker(cx),
        }
    }

    /// The backends, with those of `arguments` in the place of its own.
    pub fn backends_with(&self, arguments: &[String]) -> Vec<String> {
        let route = |argument: &String| argument.split('=').next().unwrap_or_default().to_owned();
        let replaced: Vec<String> = arguments.iter().map(route).collect();
        let kept = self.backends.iter().filter(|own| !replaced.contains(&route(own)));
        kept.chain(arguments).cloned().collect()
    }

    /// What was said at the last start; `None` after a stop.
    pub fn last(cx: &Context) -> anyhow::Result<Option<Self>> {
        let path = Self::path(cx);
        let unreadable = || {
            Failure::failed(format!("cannot read how the router was started: `{}`", path.display()))
                .help("remove the file, then run `cargo xtask router restart`")
        };
        match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).with_context(unreadable),
            Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => Ok(None),
            Err(error) => Err(error).with_context(unreadable),
        }
    }

    /// Where it is kept.
    pub fn path(cx: &Context) -> PathBuf {
        StateDir::of(cx).file(FILE)
    }

    /// Keeps it for the calls after this one.
    pub fn remember(&self, cx: &Context) -> anyhow::Result<()> {
        let state = StateDir::of(cx);
        state.create()?;
        let text = serde_json::to_vec_pretty(self).context("cannot write how the router was started")?;
        replace_private(&Self::path(cx), &text)
    }

    /// Undoes [`Launch::remember`], where the start then failed.
    pub fn put_back(cx: &Context, before: Option<&Self>) {
        match before {
            // The start's own failure is what the user has to know.
            Some(before) => drop(before.remember(cx)),
            None => Self::forget(cx),
        }
    }

    /// Forgets it: the router was stopped.
    pub fn forget(cx: &Context) {
        // Absent is what is wanted; left behind, it does no harm.
        let _ = std::fs::remove_file(Self::path(cx));
    }
}

/// The call as it goes on from the last start, if there was one.
pub fn resume(cx: &Context) -> anyhow::Result<Context> {
    Ok(match Launch::last(cx)? {
        Some(last) => cx.resuming(&last),
        None => cx.overriding([]),
    })
}
