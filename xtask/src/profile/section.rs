//! Reads the keys of a table, and notes what is missing, of a wrong type or unknown.

use std::fmt::Display;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problems::Problems;
use crate::near::{did_you_mean, quoted};

/// A table whose keys are taken out one by one.
pub(super) struct Section<'p, 'a> {
    at: At<'p, 'a>,
    table: DeTable<'a>,
    known: Vec<&'static str>,
}

/// A value and where it stands.
pub(super) struct Item<'p, 'a, T> {
    pub(super) at: At<'p, 'a>,
    pub(super) value: T,
}

/// A key, and its place in the source.
#[derive(Clone)]
pub(super) struct At<'p, 'a> {
    /// Dotted; empty for the root.
    key: String,
    offset: usize,
    problems: &'p Problems<'a>,
}

/// A value as TOML has it.
pub(super) type Raw<'p, 'a> = Item<'p, 'a, DeValue<'a>>;

impl At<'_, '_> {
    /// Notes something wrong with the value here.
    pub(super) fn report(&self, message: impl Display) {
        let message =
            if self.key.is_empty() { message.to_string() } else { format!("`{}`: {message}", self.key) };
        self.problems.report(self.offset, message);
    }

    fn key(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }
}

impl<'p, 'a> Section<'p, 'a> {
    pub(super) fn root(table: DeTable<'a>, problems: &'p Problems<'a>) -> Self {
        let at = At { key: String::new(), offset: 0, problems };
        Self { at, table, known: Vec::new() }
    }

    /// The value of a key that may be absent.
    pub(super) fn optional(&mut self, name: &'static str) -> Option<Raw<'p, 'a>> {
        self.known.push(name);
        let value = self.table.remove(name)?;
        let at = At { key: self.at.key(name), offset: value.span().start, problems: self.at.problems };
        Some(Item { at, value: value.into_inner() })
    }

    /// The value of a key that has to be there.
    pub(super) fn required(&mut self, name: &'static str) -> Option<Raw<'p, 'a>> {
        let item = self.optional(name);
        if item.is_none() {
            self.at.problems.report(self.at.offset, format!("key `{}` is missing", self.at.key(name)));
        }
        item
    }

    /// Notes the keys that nobody asked for.
    pub(super) fn finish(self) {
        for name in self.table.keys() {
            let near = did_you_mean(name.get_ref(), self.known.iter().copied());
            let message = format!("unknown key `{}`{near}", self.at.key(name.get_ref()));
            self.at.problems.report(name.span().start, message);
        }
    }

    /// Changes the key shown: tables in a list go by their names.
    pub(super) fn rename(&mut self, key: String) {
        self.at.key = key;
    }

    /// Notes something wrong with the table as a whole.
    pub(super) fn report(&self, message: impl Display) {
        self.at.report(message);
    }
}

impl<'p, 'a, T> Item<'p, 'a, T> {
    /// The value read by `read`, whose error is noted.
    pub(super) fn read<U, E: Display>(
        self,
        read: impl FnOnce(&T) -> Result<U, E>,
    ) -> Option<Item<'p, 'a, U>> {
        match read(&self.value) {
            Ok(value) => Some(Item { at: self.at, value }),
            Err(error) => {
                self.at.report(error);
                None
            }
        }
    }
}

impl<'p, 'a> Raw<'p, 'a> {
    pub(super) fn text(self) -> Option<Item<'p, 'a, String>> {
        self.read(|value| value.as_str().map(str::to_owned).ok_or_else(|| unlike(value, "a string")))
    }

    /// One of a few values, by its name.
    pub(super) fn word<T: Copy + Display>(self, values: &[T]) -> Option<T> {
        let names: Vec<String> = values.iter().map(T::to_string).collect();
        let names = || names.iter().map(String::as_str);
        let find = |text: &String| {
            let found = names().position(|name| name == text).map(|position| values[position]);
            found.ok_or_else(|| {
                format!("`{text}` is none of {}{}", quoted(names()), did_you_mean(text, names()))
            })
        };
        self.text()?.read(find).map(|item| item.value)
    }

    pub(super) fn flag(self) -> Option<bool> {
        self.read(|value| value.as_bool().ok_or_else(|| unlike(value, "true or false")))
            .map(|item| item.value)
    }

    /// An integer within the range of `T`, which `range` names.
    pub(super) fn number<T: TryFrom<i64>>(self, range: &str) -> Option<Item<'p, 'a, T>> {
        self.read(|value| {
            let integer = value.as_integer().ok_or_else(|| unlike(value, "an integer"))?;
            let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
            let fitting = number.and_then(|number| T::try_from(number).ok());
            fitting.ok_or_else(|| format!("`{integer}` is out of range: {range}"))
        })
    }

    pub(super) fn list(self) -> Option<Vec<Raw<'p, 'a>>> {
        let Self { at, value } = self;
        let DeValue::Array(values) = value else {
            at.report(unlike(&value, "a list"));
            return None;
        };
        let item = |value: Spanned<DeValue<'a>>| {
            let at = At { offset: value.span().start, ..at.clone() };
            Item { at, value: value.into_inner() }
        };
        Some(values.into_iter().map(item).collect())
    }

    pub(super) fn section(self) -> Option<Section<'p, 'a>> {
        let Self { at, value } = self;
        let DeValue::Table(table) = value else {
            at.report(unlike(&value, "a table"));
            return None;
        };
        Some(Section { at, table, known: Vec::new() })
    }
}

fn unlike(value: &DeValue, wanted: &str) -> String {
    format!("expected {wanted}, found {}", value.type_str())
}
