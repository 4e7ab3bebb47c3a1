//! `metallb status`.

use cluster::ObjectName;

use crate::context::Context;
use crate::failure::Failure;
use crate::metallb::{self, Status, shown};
use crate::report::{Answer, Page, Style, Table};

/// Show the pools, who has their addresses, and which services wait for one
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Shows it; fails with exit status 3 unless the controller runs and all
    /// of the profile's pools are there.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let status = metallb::status(cx)?;
        cx.reporter.answer("metallb status", &status)?;
        if status.healthy {
            return Ok(());
        }
        Err(Failure::missing(status.problems.join("; ")).help("run `cargo xtask metallb apply`").into())
    }
}

impl Answer for Status {
    fn write(&self, page: &mut Page) {
        match &self.chart {
            None => page.styled(Style::Bad, "MetalLB is not installed"),
            Some(chart) => {
                let version = chart.version.map_or(String::new(), |version| format!(" {version}"));
                let note = chart.note.as_ref().map_or(String::new(), |note| format!("; {note}"));
                let style = if note.is_empty() { Style::Good } else { Style::Warn };
                page.folded(style, 0, format!("MetalLB{version} in namespace `{}`{note}", self.namespace));
            }
        }
        for (what, workload) in [("controller", &self.controller), ("speaker", &self.speaker)] {
            let Some(workload) = workload else { continue };
            let style = if workload.ready { Style::Good } else { Style::Bad };
            page.styled(style, format!("{what} `{}`: {}", workload.name, workload.state));
        }
        if !self.pools.is_empty() {
            page.gap();
            self.write_pools(page);
        }
        for pending in &self.pending {
            let odd = &pending.odd;
            page.folded(Style::Warn, 0, format!("service `{}` has no address: {}", odd.name, odd.why));
            if let Some(warning) = &pending.warning {
                page.folded(Style::Plain, 2, format!("warning: {warning}"));
            }
        }
        for odd in &self.misplaced {
            page.folded(Style::Warn, 0, format!("service `{}`: {}", odd.name, odd.why));
        }
        self.write_help(page);
    }
}

impl Status {
    fn write_pools(&self, page: &mut Page) {
        let mut table = Table::new(&["pool", "addresses", "held by"]);
        for pool in &self.pools {
            let holders: Vec<String> = pool.holders.iter().map(ObjectName::to_string).collect();
            let owner = if pool.ours { "" } else { " (of somebody else)" };
            table.row([format!("{}{owner}", pool.name), shown(&pool.addresses), holders.join(", ")]);
        }
        page.table(&table);
    }

    /// How a service comes to let go of its address.
    fn write_help(&self, page: &mut Page) {
        let Some(odd) = self.misplaced.first() else { return };
        let ObjectName { namespace, name } = &odd.name;
        page.folded(
            Style::Plain,
            0,
            format!(
                "an address that was given is kept: delete the service and make it again to have another, \
                 such as `kubectl delete service {name} --namespace {namespace}`"
            ),
        );
        let Some(controller) = &self.controller else { return };
        let ObjectName { namespace, name } = &controller.name;
        page.folded(
            Style::Plain,
            0,
            format!(
                "one of no pool is given up when the controller begins anew: \
                 `kubectl rollout restart deployment {name} --namespace {namespace}`"
            ),
        );
    }
}
