//! A kubeconfig with the entries of a context, and without them: pure.

use serde_yaml_ng::{Mapping, Value};

use super::entries::{Entries, LISTS, is_named};
use super::lines::{Empties, Lines};

/// A kubeconfig that has been changed.
#[derive(Debug, PartialEq, Eq)]
pub struct Edited {
    /// As it is now.
    pub text: String,
    /// Its comments and its layout are lost.
    pub rewritten: bool,
    /// Of the lists that had no items before.
    pub empties: Empties,
    /// `current-context` named what is gone, and is empty now.
    pub cleared: bool,
    /// Nothing is in it any more.
    pub is_empty: bool,
}

/// Why a text is left alone: it is no kubeconfig. Where, if that is known: line and column.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable(pub Option<(usize, usize)>);

/// One step from a kubeconfig to another.
enum Step {
    Push(&'static str, Value),
    Replace(&'static str, usize, Value),
    Remove(&'static str, usize),
    ClearCurrent,
}

/// Puts the entries in, in the place of those of that name; `None` if they are there.
pub fn add(text: &str, ours: &Entries) -> Result<Option<Edited>, Unreadable> {
    let before = parse(text)?;
    let mut steps = Vec::new();
    for (list, _) in LISTS {
        let there = entries(&before, list)?.iter().position(|entry| is_named(entry, &ours.name));
        let entry = there.map(|at| &before[list][at]);
        let Some(wanted) = ours.entry(list, entry) else { continue };
        match there {
            Some(_) if entry == Some(&wanted) => {}
            Some(at) => steps.push(Step::Replace(list, at, wanted)),
            None => steps.push(Step::Push(list, wanted)),
        }
    }
    Ok(edit(text, before, &steps, &Empties::new()))
}

/// Takes the entries of that name out; `None` if there are none. Lists without
/// items are left as `empties` has them.
pub fn remove(text: &str, name: &str, empties: &Empties) -> Result<Option<Edited>, Unreadable> {
    let before = parse(text)?;
    let mut steps = Vec::new();
    for (list, _) in LISTS {
        let named = entries(&before, list)?.iter().enumerate().filter(|(_, entry)| is_named(entry, name));
        // From the end, so that the positions of the others stay.
        steps.extend(named.map(|(at, _)| Step::Remove(list, at)).collect::<Vec<_>>().into_iter().rev());
    }
    if before.get("current-context").and_then(Value::as_str) == Some(name) {
        steps.push(Step::ClearCurrent);
    }
    Ok(edit(text, before, &steps, empties))
}

fn edit(text: &str, before: Value, steps: &[Step], empties: &Empties) -> Option<Edited> {
    if steps.is_empty() {
        return None;
    }
    let wanted = steps.iter().fold(before, apply);
    let mut lines = Lines::new(text);
    let mut found = Empties::new();
    let done = steps.iter().try_for_each(|step| write(&mut lines, step, empties, &mut found));
    let as_lines = lines.into_text();
    let is_same = done.is_some() && parse(&as_lines).is_ok_and(|is| alike(is) == alike(wanted.clone()));
    let cleared = steps.iter().any(|step| matches!(step, Step::ClearCurrent));
    let is_empty = LISTS.iter().all(|(list, _)| entries(&wanted, list).is_ok_and(<[Value]>::is_empty));
    let (text, empties) =
        if is_same { (as_lines, found) } else { (serde_yaml_ng::to_string(&wanted).ok()?, Empties::new()) };
    Some(Edited { text, rewritten: !is_same, empties, cleared, is_empty })
}

/// What is meant.
fn apply(mut config: Value, step: &Step) -> Value {
    match step {
        Step::Push(list, entry) => match config.get_mut(list).and_then(Value::as_sequence_mut) {
            Some(entries) => entries.push(entry.clone()),
            None => config[list] = vec![entry.clone()].into(),
        },
        Step::Replace(list, at, entry) => config[list][at] = entry.clone(),
        Step::Remove(list, at) => {
            if let Some(entries) = config[list].as_sequence_mut() {
                entries.remove(*at);
            }
        }
        Step::ClearCurrent => config["current-context"] = "".into(),
    }
    config
}

/// The same in the text; `None` if that is beyond us.
fn write(lines: &mut Lines, step: &Step, empties: &Empties, found: &mut Empties) -> Option<()> {
    match step {
        Step::Push(list, entry) => lines.push(list, entry, found),
        Step::Replace(list, at, entry) => lines.replace(list, *at, entry),
        Step::Remove(list, at) => lines.remove(list, *at, empties.get(*list)),
        Step::ClearCurrent => lines.clear("current-context"),
    }
}

/// A kubeconfig; a text that holds nothing is an empty one.
fn parse(text: &str) -> Result<Value, Unreadable> {
    let config = serde_yaml_ng::from_str(text).map_err(|error| {
        // No more is told: the parser may quote a token.
        Unreadable(error.location().map(|place| (place.line(), place.column())))
    })?;
    match config {
        Value::Null => Ok(Mapping::new().into()),
        Value::Mapping(_) => Ok(config),
        _ => Err(Unreadable(None)),
    }
}

fn entries<'a>(config: &'a Value, list: &str) -> Result<&'a [Value], Unreadable> {
    match config.get(list) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Sequence(entries)) => Ok(entries),
        Some(_) => Err(Unreadable(None)),
    }
}

/// To compare: it makes no difference whether a list is empty or absent.
fn alike(mut config: Value) -> Value {
    for (list, _) in LISTS {
        if entries(&config, list).is_ok_and(<[Value]>::is_empty) {
            config[list] = Value::Sequence(Vec::new());
        }
    }
    config
}
