//! `profile list`.

use serde::Serialize;

use crate::context::{Context, ProfileChoice};
use crate::profile::{Entrance, Kubernetes, Profile};
use crate::report::{Answer, Page, Style, Table};

/// List the profiles there are
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct List<'a> {
    choice: &'a ProfileChoice,
    profiles: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    #[serde(flatten)]
    content: Content,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    Valid { domain: String, kubernetes: Kubernetes, entrance: Entrance },
    Invalid { error: String },
}

impl Args {
    /// Prints them. One that is not valid does not hide the others.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let entry = |name: String| {
            let content = match Profile::load(cx.root(), &name, &[]) {
                Ok(Profile { domain, kubernetes, entrance, .. }) => {
                    Content::Valid { domain: domain.to_string(), kubernetes, entrance }
                }
                Err(error) => Content::Invalid { error: error.to_string() },
            };
            Entry { name, content }
        };
        let profiles = Profile::names(cx.root())?.into_iter().map(entry).collect();
        cx.reporter.answer("profile list", &List { choice: &cx.choice, profiles })
    }
}

impl Answer for List<'_> {
    fn write(&self, page: &mut Page) {
        let mut table = Table::new(&["profile", "domain", "kubernetes", "entrance", "chosen"]);
        for Entry { name, content } in &self.profiles {
            let chosen =
                if *name == self.choice.name { self.choice.source.to_string() } else { String::new() };
            let plain = |text: String| (text, Style::Plain);
            let [domain, kubernetes, entrance] = match content {
                Content::Valid { domain, kubernetes, entrance } => {
                    [plain(domain.clone()), plain(kubernetes.to_string()), plain(entrance.to_string())]
                }
                Content::Invalid { .. } => {
                    let told = format!("not valid: see `cargo xtask profile show --profile {name}`");
                    [(told, Style::Bad), plain(String::new()), plain(String::new())]
                }
            };
            table.styled_row([plain(name.clone()), domain, kubernetes, entrance, plain(chosen)]);
        }
        page.table(&table);
    }
}
