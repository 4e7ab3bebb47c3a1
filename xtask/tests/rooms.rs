//! The rooms of the program, as `docs/architecture.md` has them: what one uses
//! of another may not lead back to it.
#![allow(clippy::unwrap_used, reason = "tests panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What each room uses of others: `crate::NAME` in its files, tests aside.
type Uses = BTreeMap<String, BTreeSet<String>>;

fn collect(folder: &Path, room: Option<&str>, uses: &mut Uses) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let room = room.unwrap_or(stem);
        if stem.ends_with("tests") || room == "main" {
            continue;
        }
        if path.is_dir() {
            collect(&path, Some(room), uses);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let own = uses.entry(room.to_owned()).or_default();
            own.extend(named(code).into_iter().filter(|other| other != room));
        }
    }
}

/// The rooms that a text names.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|it| it.is_ascii_lowercase() || *it == '_').collect();
    let mut rooms = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{').and_then(|list| list.split_once('}')) {
            Some((list, _)) if list.contains('{') => panic!("one level of braces, please: {list}"),
            Some((list, _)) => rooms.extend(list.split(',').map(|item| word(item.trim()))),
            None => {
                rooms.insert(word(after));
            }
        }
    }
    rooms
}

/// The rooms that lead back to themselves, and those above them: what is left once those that use
/// nothing that is left have been taken away, again and again.
fn circle(mut uses: Uses) -> Uses {
    loop {
        let left: BTreeSet<String> = uses.keys().cloned().collect();
        for others in uses.values_mut() {
            others.retain(|other| left.contains(other));
        }
        let before = uses.len();
        uses.retain(|_, others| !others.is_empty());
        if uses.len() == before {
            return uses;
        }
    }
}

#[test]
fn the_flow_is_one_way() {
    let mut uses = Uses::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), None, &mut uses);
    // Were nothing found, nothing would be tested.
    assert!(uses["engine"].contains("context") && uses["cli"].contains("targets"), "{uses:#?}");
    let circle = circle(uses);
    assert!(circle.is_empty(), "of these, some use each other: {circle:#?}");
}

#[test]
fn a_circle_is_found() {
    let uses = |pairs: &[(&str, &str)]| {
        let mut uses = Uses::new();
        for (room, other) in pairs {
            uses.entry((*room).to_owned()).or_default().insert((*other).to_owned());
            uses.entry((*other).to_owned()).or_default();
        }
        uses
    };
    assert_eq!(circle(uses(&[("a", "b"), ("b", "c"), ("a", "c")])), Uses::new());
    let found = circle(uses(&[("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")]));
    assert!(found.keys().eq(["a", "b", "c"]), "{found:?}");
    assert_eq!(named("use crate::{one, two::Three};\nlet x = crate::four::five();"), {
        ["one", "two", "four"].map(str::to_owned).into()
    });
}
