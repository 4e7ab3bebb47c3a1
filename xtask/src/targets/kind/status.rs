//! `kind status`.

use crate::context::Context;
use crate::kind::{Kind, Status};
use crate::report::{Answer, Page, Style, Table};

/// Show the cluster, its nodes, and how they are
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Prints it. Fails with exit status 3 when there is a cluster that cannot
    /// be used as it is.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let status = Kind::of(cx)?.status(cx)?;
        cx.reporter.answer("kind status", &status)?;
        status.trouble().map_or(Ok(()), |trouble| Err(trouble.into()))
    }
}

impl Answer for Status {
    fn write(&self, page: &mut Page) {
        let Self { cluster, state, owner, context, .. } = self;
        let style = match self.trouble() {
            Some(_) => Style::Bad,
            None if self.nodes.is_empty() => Style::Warn,
            None => Style::Good,
        };
        page.folded(style, 0, format!("the cluster `{cluster}` is {state}"));
        for why in &self.unready {
            why.lines().for_each(|line| page.folded(Style::Bad, 2, line));
        }
        for line in self.drift.iter().flatten() {
            page.folded(Style::Warn, 0, format!("other than the profile: {line}"));
        }
        if self.nodes.is_empty() {
            return;
        }
        let mut table = Table::new(&["node", "role", "state", "image"]);
        for node in &self.nodes {
            table.row([&node.name, &node.role, &node.state, &node.image]);
        }
        page.gap();
        page.table(&table);
        page.gap();
        if let Some(api) = self.api {
            page.line(format!("API: https://{api}"));
        }
        if let Some(version) = &self.version {
            page.line(format!("Kubernetes: {version}"));
        }
        page.folded(
            Style::Plain,
            0,
            format!("owner: profile `{}` of {}", owner.profile, owner.workspace.display()),
        );
        if let Some(file) = &self.kubeconfig {
            page.folded(Style::Plain, 0, format!("kubeconfig: {}", file.display()));
        }
        let own = if self.merged { "in" } else { "not in" };
        page.line(format!("context: {context}, {own} your own kubeconfig"));
    }
}
