//! `gen sni`.

use routing::{EntryPoint, HostPattern};
use serde::Serialize;

use crate::context::Context;
use crate::discovery;
use crate::report::{Answer, Page};

/// Print the SNI that the routes take, one host a line
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Sni {
    hosts: Vec<Taken>,
}

/// A host and the route that takes it.
#[derive(Serialize)]
struct Taken {
    host: HostPattern,
    port: EntryPoint,
    route: String,
    priority: u32,
}

impl Args {
    /// Prints the hosts in the order of the routes.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let table = discovery::names(cx)?;
        let mut hosts = Vec::new();
        for route in table.routes() {
            let (port, priority) = (route.entry_point, route.priority);
            let host =
                |host: &HostPattern| Taken { host: host.clone(), port, route: route.name.clone(), priority };
            hosts.extend(route.hosts.iter().map(host));
        }
        cx.reporter.answer("gen sni", &Sni { hosts })
    }
}

impl Answer for Sni {
    fn write(&self, page: &mut Page) {
        // `*` is a host of both entry points; a list of names has it once.
        let mut seen = std::collections::HashSet::new();
        let hosts = self.hosts.iter().map(|host| &host.host);
        hosts.filter(|host| seen.insert(*host)).for_each(|host| page.line(host.to_string()));
    }
}
