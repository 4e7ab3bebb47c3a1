use std::fmt::Write;

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> HostList {
    HostList::parse(text, &HostName::parse("kind.internal").unwrap())
}

fn names(list: &HostList) -> Vec<String> {
    list.hosts.iter().map(ToString::to_string).collect()
}

/// The one reason why `text` is refused as a whole.
fn refused(text: &str) -> String {
    let list = parse(text);
    assert_eq!(list.hosts, []);
    assert_eq!(list.malformed.len(), 1, "{list:?}");
    list.malformed[0].reason.clone()
}

#[test]
fn reads_names_labels_and_wildcards() {
    let list =
        parse("- web-ui\n- API\n- '@'\n- a.b.@\n- '*.apps.@'\n- \"*.example.com\"\n- other.example.org\n");
    let expected = [
        "web-ui.kind.internal",
        "api.kind.internal",
        "kind.internal",
        "a.b.kind.internal",
        "*.apps.kind.internal",
        "*.example.com",
        "other.example.org",
    ];
    assert_eq!(names(&list), expected);
    assert_eq!(list.malformed, []);
}

#[test]
fn reads_json_and_the_empty_list() {
    assert_eq!(names(&parse(r#"["a", "b.kind.internal"]"#)), ["a.kind.internal", "b.kind.internal"]);
    assert_eq!(parse("[]"), HostList::default());
}

#[test]
fn drops_duplicates_of_any_spelling() {
    let list = parse("[a, A, a.kind.internal, A.Kind.Internal., a.@]");
    assert_eq!(names(&list), ["a.kind.internal"]);
    assert_eq!(list.malformed, []);
}

#[test]
fn reports_entries_and_uses_the_rest() {
    let long = "x".repeat(300);
    let list = parse(&format!(
        "- good\n- '*'\n- '{{{{ .Values.x }}}}'\n- 'a`b'\n- 'a b'\n- \"a\\u0007b\"\n- {long}\n- 12\n- 1.5\n- true\n- ~\n\
         - ''\n- [a, b]\n- {{a: b}}\n- !tag a\n- ü\n- 10.0.0.1\n- last\n"
    ));
    assert_eq!(names(&list), ["good.kind.internal", "last.kind.internal"]);
    let malformed: Vec<_> = list.malformed.iter().map(|entry| entry.entry.as_str()).collect();
    let cut = format!("{}…", "x".repeat(100));
    let expected = [
        "*",
        "{{ .Values.x }}",
        "a`b",
        "a b",
        "a b",
        &cut,
        "12",
        "1.5",
        "true",
        "null",
        "",
        "[…]",
        "{…}",
        "!tag",
        "ü",
        "10.0.0.1",
    ];
    assert_eq!(malformed, expected);
    assert_eq!(list.malformed[0].reason, "it would take every host");
    assert!(list.malformed.iter().all(|entry| !entry.reason.is_empty()));
}

#[test]
fn refuses_what_is_no_list() {
    assert_eq!(refused("a.kind.internal"), "it is not a YAML list");
    assert_eq!(refused("hosts: [a]"), "it is not a YAML list");
    assert_eq!(refused(""), "it is empty, and not a YAML list");
    assert!(refused("[a").starts_with("it is not YAML: "));
    assert!(refused("[a]\n---\n[b]").starts_with("it is not YAML: "));
    assert!(refused("- *.kind.internal").ends_with("; a name that begins with `*` needs quotes"));
    assert_eq!(refused(&format!("- {}", "a".repeat(MAX_TEXT))), "the list is longer than 1 MiB");
}

#[test]
fn refuses_anchors_and_depth() {
    let bomb = "- &a [x,x,x,x,x,x,x,x]\n- &b [*a,*a,*a,*a,*a,*a]\n- [*b,*b,*b,*b]\n";
    for text in [bomb, "[&a x]", "[a,&b-1 x]", "--- &a\n- x", "- ! &a x", "\u{feff}&a [x]"] {
        assert!(refused(text).contains("anchor"), "{text}");
    }
    assert_eq!(names(&parse("# web & api, R&D\n- a\n")), ["a.kind.internal"]);
    assert!(refused(&"[".repeat(1000)).starts_with("it is not YAML: "));
    assert!(refused(&"- ".repeat(1000)).starts_with("it is not YAML: "));
}

#[test]
fn refuses_what_is_beyond_any_list() {
    assert_eq!(refused(&"[".repeat(MAX_TEXT)), "the list has more than 20000 brackets");
    assert!(refused(&"[".repeat(MAX_ENTRIES)).starts_with("it is not YAML: "));
    assert_eq!(refused(&"- a\n".repeat(MAX_ENTRIES + 1)), "the list has more than 20000 entries");
}

#[test]
fn reads_five_thousand_names() {
    let mut text = String::new();
    for number in 0..5000 {
        writeln!(text, "- host-{number}.kind.internal").unwrap();
    }
    let list = parse(&text);
    assert_eq!((list.hosts.len(), list.malformed.len()), (5000, 0));
}

proptest! {
    #[test]
    fn never_panics(text in any::<String>()) {
        parse(&text);
    }

    #[test]
    fn never_panics_on_what_looks_like_a_list(text in r#"(- ?["'*&!|>\[\]{}:,@. \n\t-]*[a-z0-9{}*&@.:]{0,5}['"]?\n){0,8}"#) {
        parse(&text);
    }

    #[test]
    fn holds_each_pattern_once(labels in prop::collection::vec("[a-c]{1,2}|\\*\\.[a-c]|@|[a-c]\\.@|[-*]", 0..20)) {
        let text = serde_yaml_ng::to_string(&labels).unwrap();
        let list = parse(&text);
        for label in &labels {
            let alone = parse(&serde_yaml_ng::to_string(&[label]).unwrap());
            for pattern in &alone.hosts {
                prop_assert_eq!(list.hosts.iter().filter(|&host| host == pattern).count(), 1);
            }
            prop_assert_eq!(alone.hosts.len() + alone.malformed.len(), 1);
        }
    }
}
