//! `router render`.

use std::fs;
use std::net::SocketAddr;

use anyhow::Context as _;
use routing::RoutingTable;
use serde::Serialize;

use crate::context::Context;
use crate::discovery::{self, Discovered};
use crate::engine;
use crate::failure::Failure;
use crate::profile::{Engine, RouterProfile, TraefikProfile};
use crate::render;
use crate::replace::replace;
use crate::report::{Answer, Page, Style};
use crate::state::id_of;

/// Print Traefik's files and its Compose project, or write them
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Send a route to this address instead of the one discovered
    #[arg(long, value_name = "ROUTE=ADDRESS[:PORT]")]
    backend: Vec<String>,
    /// Write the files that differ
    #[arg(long)]
    write: bool,
}

#[derive(Serialize)]
struct Rendered {
    files: Vec<File>,
    /// Routes whose backend is not known: Traefik closes their connections.
    absent: Vec<String>,
}

#[derive(Serialize)]
struct File {
    /// Below the root of the workspace.
    path: String,
    content: String,
    outcome: Outcome,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Shown,
    Written,
    Already,
}

impl Args {
    /// Prints the files, or writes them with `--write`.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let Discovered { table, pending, warnings } = discovery::preview(cx, &self.backend)?;
        let mut files = render(cx, &table)?;
        let absent = table.without_backend();
        warnings.iter().for_each(|warning| cx.reporter.warn(warning));
        // One cause, such as a cluster that is not there, keeps many routes waiting.
        for same in pending.chunk_by(|one, other| one.why == other.why) {
            let routes: Vec<&str> = same.iter().map(|pending| pending.route.as_str()).collect();
            let (routes, why) = (routes.join(", "), &same[0].why);
            cx.reporter.warn(&format!("Traefik will close the connections for {routes}: {why}"));
        }
        if self.write {
            for file in &mut files {
                file.write(cx)?;
            }
            if cx.dry_run {
                return Ok(());
            }
        }
        cx.reporter.answer("router render", &Rendered { files, absent })
    }
}

fn render(cx: &Context, table: &RoutingTable) -> anyhow::Result<Vec<File>> {
    let profile = cx.profile()?;
    let router = profile.router()?;
    let traefik = traefik(router)?;
    let listeners = engine::wanted_listeners(cx)?;
    let addresses: Vec<SocketAddr> = listeners.values().copied().collect();
    discovery::refuse_loops(table, &addresses)?;
    let file = |name: &str, content| {
        let path = format!("compose/{}/router/{name}", profile.name);
        File { path, content, outcome: Outcome::Shown }
    };
    Ok(vec![
        file("docker-compose.yml", render::compose(profile, traefik, &listeners, id_of(cx.root()), None)?),
        file("traefik.yml", render::traefik_static(traefik, &listeners, None)?),
        file("dynamic/routes.yml", render::traefik_dynamic(table, None)?),
    ])
}

fn traefik(router: &RouterProfile) -> Result<&TraefikProfile, Failure> {
    match &router.engine {
        Engine::Traefik(traefik) => Ok(traefik),
        Engine::Embedded => Err(Failure::usage("the engine `embedded` has no files to render")
            .help("choose a profile with Traefik: `cargo xtask router render --profile coder`")),
    }
}

impl File {
    fn write(&mut self, cx: &Context) -> anyhow::Result<()> {
        let path = cx.root().join(&self.path);
        if fs::read(&path).is_ok_and(|old| old == self.content.as_bytes()) {
            self.outcome = Outcome::Already;
            return Ok(());
        }
        if cx.dry_run {
            return cx.reporter.would(&format!("write `{}`", self.path));
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| {
                Failure::missing(format!("cannot create the folder `{}`", folder.display()))
                    .help("make the workspace writable and see that its disk is not full")
            })?;
        }
        replace(&path, self.content.as_bytes())?;
        self.outcome = Outcome::Written;
        Ok(())
    }
}

impl Answer for Rendered {
    fn write(&self, page: &mut Page) {
        for file in &self.files {
            match file.outcome {
                // All together are one stream of YAML documents.
                Outcome::Shown => {
                    page.styled(Style::Heading, format!("--- # {}", file.path));
                    page.line(file.content.trim_end());
                }
                Outcome::Written => page.styled(Style::Good, format!("wrote `{}`", file.path)),
                Outcome::Already => page.line(format!("`{}` was so already", file.path)),
            }
        }
    }
}
