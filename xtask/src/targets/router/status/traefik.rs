//! Traefik's container, as `router status` shows it.

use crate::engine::traefik::{Container, RouteStatus, TraefikStatus};
use crate::report::{Page, Style, Table};

/// The container, and each route as Traefik has it.
pub fn write(status: &TraefikStatus, page: &mut Page) {
    let container = &status.container;
    if !container.is_running() {
        page.folded(Style::Bad, 0, format!("the router is not running: {}", container.describe_end()));
        return;
    }
    page.folded(health(container), 0, describe(container));
    for (point, address) in &status.listeners {
        page.line(format!("{point} {address}"));
    }
    page.gap();
    page.table(&routes(&status.routes));
    for route in &status.routes {
        let Some(errors) = Some(route.errors.join("; ")).filter(|errors| !errors.is_empty()) else {
            continue;
        };
        page.folded(Style::Bad, 0, format!("route `{}`: {errors}", route.name));
    }
    if status.external.len() > 0 {
        page.gap();
        page.line(format!("sandbox: TLS ends here for {} rules", status.external.len()));
    }
    for (_, router) in status.external.lost() {
        page.folded(Style::Bad, 0, format!("the rule {}: {}", router.rule, router.errors.join("; ")));
    }
}

fn health(container: &Container) -> Style {
    match container.health.as_deref() {
        Some("unhealthy") => Style::Bad,
        _ => Style::Good,
    }
}

fn describe(container: &Container) -> String {
    let Container { id, name, image, restarts, .. } = container;
    let since = container.started.as_deref().unwrap_or("an unknown time");
    let health = container.health.as_ref().map_or(String::new(), |health| format!(", {health}"));
    let again = if *restarts == 0 { String::new() } else { format!(", started again {restarts} times") };
    format!("the router runs as container `{name}` ({id}) of `{image}` since {since}{health}{again}")
}

fn routes(routes: &[RouteStatus]) -> Table {
    let mut table = Table::new(&["route", "port", "hosts", "priority", "backend", "status"]);
    for route in routes {
        let backend = route.backend.clone().unwrap_or_else(|| "absent".to_owned());
        let lost = route.status.as_deref() == Some("disabled") || !route.errors.is_empty();
        let plain = |text: String| (text, Style::Plain);
        table.styled_row([
            plain(route.name.clone()),
            plain(route.entry_point.clone()),
            plain(route.hosts.to_string()),
            plain(route.priority.to_string()),
            plain(backend),
            (
                route.status.clone().unwrap_or_else(|| "not to be asked".to_owned()),
                if lost { Style::Bad } else { Style::Plain },
            ),
        ]);
    }
    table
}
