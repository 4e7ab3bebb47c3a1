//! Other routers, each in the foreground and with the best configuration for
//! this load that we know.

use std::fmt;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use routing::{EntryPoint, RoutingTable};
use serde::Serialize;
use serde_json::json;

use super::Contender;
use crate::context::Context;
use crate::part::{HAPROXY, NGINX, Part, TRAEFIK};
use crate::ports::free_address;
use crate::process::{Program, Running};
use crate::render;
use crate::replace::replace_private;
use crate::state::StateDir;

/// Where nginx's stream module is, where it is not built in.
const STREAM_MODULES: [&str; 2] =
    ["/usr/lib/nginx/modules/ngx_stream_module.so", "/usr/lib64/nginx/modules/ngx_stream_module.so"];
/// How long a router may take until it listens.
const START: Duration = Duration::from_secs(20);
/// Time between two looks whether it does.
const PAUSE: Duration = Duration::from_millis(20);

/// A router that may be on this machine.
struct Rival {
    part: &'static Part,
    /// Arguments that keep it in the foreground, with its files where it runs.
    args: &'static [&'static str],
    /// Its files and their templates.
    files: &'static [(&'static str, &'static str)],
}

const RIVALS: [Rival; 3] = [
    Rival {
        part: &HAPROXY,
        args: &["-db", "-f", "haproxy.cfg"],
        files: &[
            ("haproxy.cfg", include_str!("../../../../../templates/bench-haproxy.template")),
            ("haproxy.map", include_str!("../../../../../templates/bench-haproxy-map.template")),
        ],
    },
    Rival {
        part: &NGINX,
        args: &["-p", ".", "-e", "stderr", "-g", "daemon off;", "-c", "nginx.conf"],
        files: &[("nginx.conf", include_str!("../../../../../templates/bench-nginx.template"))],
    },
    Rival {
        part: &TRAEFIK,
        args: &["--configfile=traefik.yml"],
        files: &[
            ("traefik.yml", include_str!("../../../../../templates/bench-traefik.template")),
            ("routes.yml", include_str!("../../../../../templates/traefik.template")),
        ],
    },
];

/// A router that is on this machine.
pub struct Found {
    rival: &'static Rival,
    path: PathBuf,
}

/// A router that is not measured.
#[derive(Serialize)]
pub struct LeftOut {
    /// Its name.
    pub router: &'static str,
    /// Why it is not measured.
    pub reason: String,
    /// A command that brings it.
    pub get: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}; `{}`", self.router, self.reason, self.get)
    }
}

/// Which routers are here, and which are not.
pub fn find(cx: &Context) -> (Vec<Found>, Vec<LeftOut>) {
    let (mut found, mut left_out) = (Vec::new(), Vec::new());
    for rival in &RIVALS {
        match rival.part.find(cx) {
            Some(path) => found.push(Found { rival, path }),
            None => left_out.push(rival.left_out("not installed".to_owned())),
        }
    }
    (found, left_out)
}

impl Rival {
    fn left_out(&self, reason: String) -> LeftOut {
        LeftOut { router: self.part.name, reason, get: self.part.how().replace('`', "") }
    }

    /// Its files for a table.
    fn render(&self, listen: SocketAddr, table: &RoutingTable) -> anyhow::Result<Vec<(&str, String)>> {
        let data = json!({
            "listen": listen,
            "entry_points": [EntryPoint::Https],
            "threads": thread::available_parallelism().map_or(1, usize::from),
            "module": STREAM_MODULES.iter().find(|path| Path::new(path).exists()),
            "routes": table.routes(),
            "absent": [],
        });
        self.files.iter().map(|(name, template)| Ok((*name, render::fill(template, &data)?))).collect()
    }
}

impl Found {
    fn program(&self, state: &StateDir) -> Program {
        Program::new(&self.path).args(self.rival.args).dir(state.path())
    }

    /// Shows what [`Found::start`] would do.
    pub fn plan(&self, cx: &Context, state: &StateDir) -> anyhow::Result<()> {
        for (name, _) in self.rival.files {
            cx.reporter.would(&format!("write `{}`", state.file(name).display()))?;
        }
        cx.reporter.would(&format!("run `{}`", self.program(state)))
    }

    /// Returns when it listens. One that ends instead is left out.
    pub fn start(
        &self,
        cx: &Context,
        state: &StateDir,
        table: &RoutingTable,
    ) -> anyhow::Result<Result<(Contender, Running), LeftOut>> {
        let address = free_address()?;
        for (name, content) in self.rival.render(address, table)? {
            replace_private(&state.file(name), content.as_bytes())?;
        }
        let log = state.file(&format!("{}.log", self.rival.part.name));
        let running = self.program(state).start(cx, &log)?;
        let deadline = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            cx.interrupt.check()?;
            if running.ended()?.is_some() {
                return Ok(Err(self.rival.left_out(last_line(&log))));
            }
            if Instant::now() >= deadline {
                return Ok(Err(self.rival.left_out(format!("does not listen after {START:?}"))));
            }
            thread::sleep(PAUSE);
        }
        let pid = running.pid();
        Ok(Ok((Contender { name: self.rival.part.name, address, pid }, running)))
    }
}

/// What a program said last.
fn last_line(log: &Path) -> String {
    let said = fs::read_to_string(log).unwrap_or_default();
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    last.map_or_else(|| "it ended without a word".to_owned(), |line| line.trim().to_owned())
}
