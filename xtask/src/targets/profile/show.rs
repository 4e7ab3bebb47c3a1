//! `profile show`.

use serde::Serialize;

use crate::context::{Context, ProfileChoice};
use crate::profile::{Engine, KindProfile, MetallbProfile, Profile, RouterProfile};
use crate::report::{Answer, Page, Style, Table};

/// Show the profile, checked and with what `--set` changes
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Show<'a> {
    choice: &'a ProfileChoice,
    profile: &'a Profile,
}

impl Args {
    /// Prints it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        cx.reporter.answer("profile show", &Show { choice: &cx.choice, profile: cx.profile()? })
    }
}

impl Answer for Show<'_> {
    fn write(&self, page: &mut Page) {
        let profile = self.profile;
        page.styled(Style::Heading, format!("profile {} ({})", profile.name, self.choice.source));
        page.line(format!("domain      {}", profile.domain));
        page.line(format!("kubernetes  {}", profile.kubernetes));
        if let Some(kind) = &profile.kind {
            page.folded(Style::Plain, 0, format!("cluster     {}", describe_cluster(kind)));
        }
        if let Some(metallb) = &profile.metallb {
            page.folded(Style::Plain, 0, format!("metallb     {}", describe_metallb(metallb)));
        }
        if !profile.namespaces.is_empty() {
            page.folded(Style::Plain, 0, format!("namespaces  {}", profile.namespaces.join(", ")));
        }
        if let Some(policy) = profile.node_ports {
            page.line(format!("node ports  {policy}"));
        }
        page.line(format!("entrance    {}", profile.entrance));
        if let Some(router) = &profile.router {
            page.line(format!("router      {}", describe(router)));
        }
        if let Some(list) = &profile.host_list {
            let count = list.hosts.len();
            page.line(format!("host list   {} of {}, else {count} names", list.key, list.config_map));
        }
        page.gap();
        let mut routes = Table::new(&["route", "port", "priority", "hosts", "services"]);
        for route in &profile.routes {
            routes.row([
                route.name.clone(),
                route.port.to_string(),
                route.priority.to_string(),
                joined(&route.hosts),
                joined(&route.services),
            ]);
        }
        page.table(&routes);
        page.gap();
        page.styled(Style::Heading, "@hosts");
        page.words(2, &profile.listed_hosts().iter().map(ToString::to_string).collect::<Vec<_>>());
    }
}

fn describe_cluster(kind: &KindProfile) -> String {
    let api = match kind.api_server.port() {
        0 => format!("a free port of {}", kind.api_server.ip()),
        _ => kind.api_server.to_string(),
    };
    let workers = match kind.workers {
        0 => String::new(),
        workers => format!(", {workers} workers"),
    };
    format!(
        "{}{workers}, {} pods a node, API on {api}; kind {}",
        kind.node_image, kind.max_pods, kind.versions
    )
}

fn describe_metallb(metallb: &MetallbProfile) -> String {
    let pools = metallb.pools.iter().map(|pool| format!("{} .{}", pool.name, pool.host));
    format!("{}; pools: {}", metallb.version, pools.collect::<Vec<_>>().join(", "))
}

fn describe(router: &RouterProfile) -> String {
    let engine = match &router.engine {
        Engine::Embedded => "embedded".to_owned(),
        Engine::Traefik(traefik) => {
            format!("traefik in {} on the {} network", traefik.image, traefik.network)
        }
    };
    let port = |(point, port): (&_, &u16)| match port {
        0 => format!("{point} any"),
        port => format!("{point} {port}"),
    };
    let ports: Vec<String> = router.ports.iter().map(port).collect();
    format!("{engine}, bind {}, ports: {}", router.bind, ports.join(", "))
}

fn joined<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}
