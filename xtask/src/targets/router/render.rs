//! `router render`.

use routing::RoutingTable;
use serde::Serialize;

use crate::context::Context;
use crate::discovery::{self, Discovered};
use crate::engine::traefik::{self, Traefik};
use crate::failure::Failure;
use crate::launch::{self, Launch};
use crate::platform;
use crate::profile::Engine;
use crate::report::{Answer, Page, Style};

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
    #[serde(flatten)]
    file: traefik::File,
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
        if self.write {
            platform::take_turn(cx)?;
        }
        let launch = Launch::last(cx)?.filter(|_| self.write);
        let resumed = launch.as_ref().map(|_| launch::resume(cx)).transpose()?;
        let cx = resumed.as_ref().unwrap_or(cx);
        let Discovered { table, pending, warnings } = match &launch {
            // A router that may run watches what is written: no guesses here.
            Some(launch) => discovery::discover(cx, &launch.backends_with(&self.backend))?,
            None => discovery::preview(cx, &self.backend)?,
        };
        let mut files = render(cx, &table)?;
        let absent = table.without_backend();
        cx.reporter.warn_all(&warnings);
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
    if matches!(cx.profile()?.router()?.engine, Engine::Embedded) {
        return Err(Failure::usage("the engine `embedded` has no files to render")
            .help("choose a profile with Traefik: `cargo xtask router render --profile coder`")
            .into());
    }
    let files = Traefik::new(cx)?.files(cx, table)?;
    let shown = |file: &traefik::File| File { file: file.clone(), outcome: Outcome::Shown };
    Ok(files.all().map(shown).into())
}

impl File {
    fn write(&mut self, cx: &Context) -> anyhow::Result<()> {
        if self.file.is_written(cx) {
            self.outcome = Outcome::Already;
            return Ok(());
        }
        if cx.dry_run {
            return cx.reporter.would(&format!("write `{}`", self.file.path.display()));
        }
        self.file.write(cx)?;
        self.outcome = Outcome::Written;
        Ok(())
    }
}

impl Answer for Rendered {
    fn write(&self, page: &mut Page) {
        for file in &self.files {
            let path = file.file.path.display();
            match file.outcome {
                // All together are one stream of YAML documents.
                Outcome::Shown => {
                    page.styled(Style::Heading, format!("--- # {path}"));
                    page.line(file.file.content.trim_end());
                }
                Outcome::Written => page.styled(Style::Good, format!("wrote `{path}`")),
                Outcome::Already => page.line(format!("`{path}` was so already")),
            }
        }
    }
}
