//! Kubeconfigs as people might write them, made at random.

use proptest::prelude::*;
use serde_yaml_ng::Value;

use super::{added, ours, removed};
use crate::kubeconfig::edit;
use crate::kubeconfig::entries::LISTS;

/// What may stand between the lines.
fn noise() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        1 => Just("\n".to_owned()),
        1 => " {0,6}# [a-z:\\[\\] -]{0,12}\n",
    ]
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9]{0,8}".prop_map(|text| format!(" {text}")),
        "[a-z][a-z0-9]{0,8}".prop_map(|text| format!(" '{text}: # -' # why")),
        Just(" \"a\\n- name: b\"".to_owned()),
        Just(" {x: [1, {y: 2}]}".to_owned()),
        // Deeper than whatever it stands in.
        Just(" |\n                    - name: x\n                    # no comment\n".to_owned()),
        Just(" >-\n                    two\n\n                    lines\n".to_owned()),
    ]
}

/// An item of a list: its dash stands at `dash`, its keys `inner` further.
fn item(key: &'static str, dash: usize, inner: usize) -> impl Strategy<Value = String> {
    (scalar(), scalar(), noise(), noise(), "[a-z]{1,6}", any::<bool>()).prop_map(
        move |(one, two, before, within, name, named_first)| {
            let pad = " ".repeat(dash + 1 + inner);
            let first = format!("{}-{}", " ".repeat(dash), " ".repeat(inner));
            let line = |text: &str| if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
            let value = format!("{key}:\n{within}{pad}  one:{}{pad}  two:{}", line(&one), line(&two));
            if named_first {
                format!("{before}{first}name: {name}\n{pad}{value}")
            } else {
                format!("{before}{first}{value}{pad}name: {name}\n")
            }
        },
    )
}

/// One list, with its key at `base`.
fn list(at: usize, base: usize) -> impl Strategy<Value = String> {
    let (name, key) = LISTS[at];
    let header = format!("{}{name}:", " ".repeat(base));
    let (empty, full) = (header.clone(), header);
    let items = (0..4_usize, 1..4_usize)
        .prop_flat_map(move |(more, inner)| prop::collection::vec(item(key, base + more, inner), 1..4));
    prop_oneof![
        1 => Just(String::new()),
        2 => ("( \\[\\]| null| ~|)", "( # [a-z]{0,5})?")
            .prop_map(move |(value, comment)| format!("{empty}{value}{comment}\n")),
        5 => (items, "( # [a-z]{0,5})?")
            .prop_map(move |(items, comment)| format!("{full}{comment}\n{}", items.concat())),
    ]
}

fn kubeconfig() -> impl Strategy<Value = String> {
    let sections = (0..3_usize).prop_flat_map(|base| {
        let other = format!("{0}kind: Config\n{0}x-other:\n{0}  clusters: [a]\n", " ".repeat(base));
        let parts = (list(0, base), list(1, base), list(2, base), Just(other));
        let parts = parts.prop_map(|(a, b, c, d)| vec![a, b, c, d]);
        parts.prop_shuffle()
    });
    let between = prop::collection::vec(noise(), 5);
    (sections, between, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(sections, between, marker, windows, open)| {
            let mut text = if marker { "---\n".to_owned() } else { String::new() };
            for (noise, section) in between.iter().zip(&sections) {
                text.push_str(noise);
                text.push_str(section);
            }
            text.push_str(&between[4]);
            // At the end of a block of text, a line's end is a part of it.
            let last = text.trim_end().lines().next_back();
            if open && !last.is_some_and(|line| line.starts_with("          ")) {
                text.truncate(text.trim_end_matches('\n').len());
            }
            if windows { text.replace('\n', "\r\n") } else { text }
        },
    )
}

fn value(text: &str) -> Value {
    serde_yaml_ng::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The entries of a list, whatever stands for none.
fn entries(config: &Value, list: &str) -> Vec<Value> {
    config[list].as_sequence().cloned().unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn three_entries_are_added_and_taken_out_without_a_trace(text in kubeconfig()) {
        let (before, with) = (value(&text), added(&text));
        let after = value(&with.text);
        for (list, _) in LISTS {
            let mut expected = entries(&before, list);
            expected.extend(ours(1).entry(list, None));
            prop_assert_eq!(entries(&after, list), expected);
        }
        for key in ["kind", "x-other"] {
            prop_assert_eq!(&after[key], &before[key]);
        }
        prop_assert_eq!(edit::add(&with.text, &ours(1)).unwrap(), None);
        let moved = edit::add(&with.text, &ours(2)).unwrap().unwrap();
        let without = removed(&moved.text, &with.empties);
        let back = value(&without.text);
        for (list, _) in LISTS {
            prop_assert_eq!(entries(&back, list), entries(&before, list));
        }
        // Where the text could be kept, it comes back to the byte.
        prop_assert!(!with.rewritten, "{}", with.text);
        prop_assert_eq!(without.text, text);
    }

    #[test]
    fn whatever_is_there_is_kept_or_refused(text in "(clusters|users|contexts|- name|  name|kind-ours|:|: |\\[|\\]|\\{|\\}|\n|\r\n| |-|---|#|'|\"|\\||&a|\\*a|\t|a){0,24}") {
        if let Ok(Some(with)) = edit::add(&text, &ours(1)) {
            let again = edit::add(&with.text, &ours(1)).unwrap();
            prop_assert_eq!(again, None);
            prop_assert!(edit::remove(&with.text, "kind-ours", &with.empties).unwrap().is_some());
        }
    }
}
