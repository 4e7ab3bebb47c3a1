//! The text of a profile with its overrides, as one TOML tree that knows its places.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problems::Problems;
use crate::near::did_you_mean;

/// A profile's file and the `--set` arguments that go over it.
///
/// Offsets run through the file and on through the arguments, so one number
/// tells a place in either.
pub(super) struct Source {
    /// For messages: relative to the workspace.
    path: String,
    file: String,
    overrides: Vec<Override>,
}

/// One `--set key=value`.
struct Override {
    argument: String,
    /// The place of the argument.
    start: usize,
    /// The value as a document of one key, behind blanks up to `start`:
    /// TOML's spans then are offsets of the source.
    document: String,
}

impl Source {
    pub(super) fn new(path: String, file: String, arguments: &[String]) -> Self {
        let mut start = file.len() + 1;
        let mut overrides = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = argument.split_once('=').map_or("", |(_, value)| value.trim());
            let document = format!("{:start$}v={value}", "");
            let end = document.len();
            overrides.push(Override { argument: argument.clone(), start, document });
            start = end + 1;
        }
        Self { path, file, overrides }
    }

    /// `file:line:column`, both from 1, or the `--set` argument.
    pub(super) fn place(&self, offset: usize) -> String {
        if offset <= self.file.len() {
            let before = self.file.get(..offset).unwrap_or(&self.file);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            return format!("{}:{line}:{column}", self.path);
        }
        let earlier = self.overrides.iter().rev().find(|it| it.start <= offset);
        earlier.map_or_else(|| self.path.clone(), |it| format!("--set `{}`", it.argument))
    }

    /// The tree of the file with the overrides applied; `None` if the file is not TOML.
    pub(super) fn tree<'a>(&'a self, problems: &Problems<'a>) -> Option<DeTable<'a>> {
        let (tree, errors) = DeTable::parse_recoverable(&self.file);
        for error in &errors {
            let offset = error.span().map_or(0, |span| span.start);
            problems.report(offset, error.message());
        }
        if !errors.is_empty() {
            return None;
        }
        let mut tree = tree.into_inner();
        for over in &self.overrides {
            if let Err(message) = over.apply(&mut tree) {
                problems.report(over.start, message);
            }
        }
        Some(tree)
    }
}

impl Override {
    fn apply<'a>(&'a self, tree: &mut DeTable<'a>) -> Result<(), String> {
        let form = || "expected `key=value`, such as `domain=kind.internal`".to_owned();
        let (key, text) = self.argument.split_once('=').ok_or_else(form)?;
        let mut segments = key.trim().split('.').map(str::trim).peekable();
        let mut table = tree;
        while let Some(segment) = segments.next() {
            if segment.is_empty() {
                return Err(form());
            }
            if segments.peek().is_none() {
                table.insert(self.spanned(segment.into()), self.value(text.trim()));
                break;
            }
            let empty = || self.spanned(DeValue::Table(DeTable::new()));
            let entry = table.entry(self.spanned(segment.into())).or_insert_with(empty);
            table = match entry.get_mut() {
                DeValue::Table(inner) => inner,
                DeValue::Array(items) => named(segment, items, segments.next().unwrap_or_default())?,
                _ => return Err(format!("`{segment}` is a value and has no keys")),
            };
        }
        Ok(())
    }

    /// The value as TOML, else as a string.
    fn value<'a>(&'a self, text: &'a str) -> Spanned<DeValue<'a>> {
        let parsed = DeTable::parse(&self.document).ok().map(Spanned::into_inner);
        let single = parsed.filter(|table| table.len() == 1).and_then(|mut table| table.remove("v"));
        single.unwrap_or_else(|| self.spanned(DeValue::String(text.into())))
    }

    fn spanned<T>(&self, value: T) -> Spanned<T> {
        Spanned::new(self.start..self.document.len(), value)
    }
}

/// The table in the list `list` whose `name` is `wanted`.
fn named<'t, 'a>(
    list: &str,
    items: &'t mut [Spanned<DeValue<'a>>],
    wanted: &str,
) -> Result<&'t mut DeTable<'a>, String> {
    let name_of = |item: &Spanned<DeValue<'a>>| {
        let name = item.get_ref().get("name").and_then(|name| name.get_ref().as_str());
        name.unwrap_or_default().to_owned()
    };
    let names: Vec<String> = items.iter().map(name_of).collect();
    let position = names.iter().position(|name| name == wanted);
    if let Some(DeValue::Table(table)) = position.and_then(|it| items.get_mut(it)).map(Spanned::get_mut) {
        return Ok(table);
    }
    let near = did_you_mean(wanted, names.iter().map(String::as_str));
    Err(format!("there is no {list} `{wanted}`{near}"))
}

#[cfg(test)]
mod tests {
    use crate::failure::{Exit, exit_of};
    use crate::profile::Engine;
    use crate::profile::tests::load;

    #[test]
    fn overrides_go_over_the_file() {
        let profile = load(
            "coder",
            &[
                "domain=test.example",
                "router.ports.https=8443",
                "router.bind = 127.0.0.1",
                "route.argo.priority=30",
                "route.argo.hosts=[\"cd\"]",
            ],
        )
        .unwrap();
        let router = profile.router.unwrap();
        assert_eq!(router.ports.values().copied().collect::<Vec<_>>(), [8443, 4433]);
        assert_eq!(router.bind.to_string(), "127.0.0.1");
        assert_eq!(profile.routes[0].priority, 30);
        assert_eq!(profile.routes[0].hosts[0].to_string(), "cd.test.example");
        let embedded = load("coder", &["router.engine=embedded"]).unwrap();
        assert!(matches!(embedded.router.unwrap().engine, Engine::Embedded));
    }

    #[test]
    fn wrong_overrides_are_usage_failures() {
        for (argument, expected) in [
            ("domian=x", "--set `domian=x`: unknown key `domian`; did you mean `domain`?"),
            (
                "router.prots.https=1",
                "--set `router.prots.https=1`: unknown key `router.prots`; did you mean `ports`?",
            ),
            (
                "route.arog.priority=1",
                "--set `route.arog.priority=1`: there is no route `arog`; did you mean `argo`?",
            ),
            (
                "route.argo.prority=1",
                "--set `route.argo.prority=1`: unknown key `route.argo.prority`; did you mean `priority`?",
            ),
            (
                "route.argo.priority=x",
                "--set `route.argo.priority=x`: `route.argo.priority`: expected an integer, found string",
            ),
            ("route.argo.hosts=[\"a\", \"{{\"]", "`route.argo.hosts`: host `{{`: it has a character"),
            ("domain.x=1", "--set `domain.x=1`: `domain` is a value and has no keys"),
            ("domain", "--set `domain`: expected `key=value`, such as `domain=kind.internal`"),
            (".=1", "--set `.=1`: expected `key=value`"),
            ("domain=a\nname=\"b\"", "`domain`: `a\nname=\"b\"` is not a domain"),
        ] {
            let error = load("coder", &["router.ports.raw=4434", argument]).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!(exit_of(&error), Exit::Usage);
        }
    }
}
