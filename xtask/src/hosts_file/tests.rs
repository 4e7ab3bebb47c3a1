//! Lines and blocks, byte by byte.

use proptest::prelude::*;
use routing::{EntryPoint, Route};

use super::*;

const MARKER: &str = "xtask: profile coder";

fn table(hosts: &[&str]) -> RoutingTable {
    let route = |name: &str, hosts: &[&str], priority| Route {
        name: name.into(),
        entry_point: EntryPoint::Https,
        hosts: hosts.iter().map(|host| HostPattern::parse(host).unwrap()).collect(),
        priority,
        backend: None,
    };
    RoutingTable::new(vec![route("a", hosts, 9), route("b", &["b.x", "*.x"], 6), route("rest", &["*"], 5)])
        .unwrap()
}

fn edited(content: &[u8], lines: Option<&[&str]>) -> Result<Vec<u8>, String> {
    let lines: Option<Vec<String>> = lines.map(|lines| lines.iter().map(ToString::to_string).collect());
    with_block(content, MARKER, lines.as_deref())
}

fn kept(content: &str, lines: &[&str]) -> String {
    String::from_utf8(edited(content.as_bytes(), Some(lines)).unwrap()).unwrap()
}

#[test]
fn lists_exact_names_once_and_sorted() {
    let table = table(&["c.x", "b.x", "a.x"]);
    assert_eq!(lines(&table, |_| "10.0.0.7".parse().ok()), ["10.0.0.7 a.x b.x c.x"]);
    let unlisted: Vec<String> = unlisted(&table).into_iter().map(ToString::to_string).collect();
    assert_eq!(unlisted, ["*.x", "*"]);
}

#[test]
fn every_name_has_the_address_of_the_route_that_takes_it() {
    let table = table(&["c.x", "b.x"]);
    let address = |route: &Route| match route.name.as_str() {
        "a" => "10.0.0.9".parse().ok(),
        "b" => "10.0.0.7".parse().ok(),
        _ => None,
    };
    assert_eq!(lines(&table, address), ["10.0.0.9 b.x c.x"]);
}

#[test]
fn folds_long_lines() {
    let hosts: Vec<String> = (10..50).map(|number| format!("host-{number}.kind.internal")).collect();
    let table = table(&hosts.iter().map(String::as_str).collect::<Vec<_>>());
    let lines = lines(&table, |_| "::1".parse().ok());
    assert!(lines.iter().all(|line| line.starts_with("::1 ") && line.len() <= MAX_LINE), "{lines:?}");
    assert_eq!(lines.iter().map(|line| line.split(' ').count() - 1).sum::<usize>(), 41);
}

#[test]
fn a_new_block_goes_to_the_end() {
    let block = "# begin xtask: profile coder\n1 a\n2 b\n# end xtask: profile coder\n";
    assert_eq!(kept("", &["1 a", "2 b"]), block);
    assert_eq!(kept("127.0.0.1 localhost\n", &["1 a", "2 b"]), format!("127.0.0.1 localhost\n{block}"));
    assert_eq!(kept("127.0.0.1 localhost", &["1 a", "2 b"]), format!("127.0.0.1 localhost\n{block}"));
}

#[test]
fn an_old_block_is_replaced_where_it_is() {
    let old = "a\n# begin xtask: profile coder\nold\n# end xtask: profile coder\nz";
    let new = "a\n# begin xtask: profile coder\nnew\nmore\n# end xtask: profile coder\nz";
    assert_eq!(kept(old, &["new", "more"]), new);
    assert_eq!(kept(new, &["new", "more"]), new);
    let unended = "# begin xtask: profile coder\nold\n# end xtask: profile coder";
    assert_eq!(kept(unended, &["old"]), unended);
}

#[test]
fn line_ends_are_those_of_the_file() {
    let new = "a\r\n# begin xtask: profile coder\r\n1\r\n# end xtask: profile coder\r\n";
    assert_eq!(kept("a\r\n", &["1"]), new);
    assert_eq!(kept(new, &["1"]), new);
}

#[test]
fn other_blocks_are_left_alone() {
    let other = "# begin xtask: profile local\n1 a\n# end xtask: profile local\n";
    assert!(kept(other, &["2 b"]).starts_with(other));
    assert_eq!(edited(other.as_bytes(), None).unwrap(), other.as_bytes());
}

#[test]
fn damage_is_told_and_left_alone() {
    let (begin, end) = ("# begin xtask: profile coder\n", "# end xtask: profile coder\n");
    for (content, expected) in [
        (format!("a\n{begin}b\n"), "nothing ends what line 2 begins"),
        (format!("a\nb\n{end}"), "line 3 ends what was not begun"),
        (format!("{end}{begin}"), "line 1 ends what was not begun"),
        (format!("{begin}{begin}{end}"), "line 2 begins it a second time"),
        (format!("{begin}{end}{begin}{end}"), "line 3 begins it a second time"),
    ] {
        assert_eq!(edited(content.as_bytes(), Some(&["1 a"])).unwrap_err(), expected);
        assert_eq!(edited(content.as_bytes(), None).unwrap_err(), expected);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, &content).unwrap();
        let error = Edit::remove_block(file.path(), MARKER).unwrap_err().to_string();
        assert!(error.ends_with(&format!("is damaged: {expected}")), "{error}");
    }
}

#[test]
fn a_file_is_written_only_when_needed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hosts");
    assert!(!Edit::remove_block(&path, MARKER).unwrap().is_needed());
    let edit = || Edit::keep_block(&path, MARKER, &["1 a".to_owned()]).unwrap();
    assert!(edit().is_needed());
    edit().apply().unwrap();
    assert!(!edit().is_needed());
    let remove = Edit::remove_block(&path, MARKER).unwrap();
    assert!(remove.is_needed());
    remove.apply().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"");
}

proptest! {
    #[test]
    fn only_the_block_is_touched(
        before in "([a-z# \\xff]{0,6}(\n|\r\n)){0,4}",
        after in "([a-z# \\xff]{0,6}(\n|\r\n)){0,4}[a-z]{0,3}",
        one in prop::collection::vec("[a-z0-9. ]{0,9}", 0..4),
        other in prop::collection::vec("[a-z0-9. ]{0,9}", 0..4),
    ) {
        let one: Vec<&str> = one.iter().map(String::as_str).collect();
        let other: Vec<&str> = other.iter().map(String::as_str).collect();
        let mut content = edited(before.as_bytes(), Some(&one)).unwrap();
        content.extend(after.as_bytes());
        let changed = edited(&content, Some(&other)).unwrap();
        prop_assert!(changed.starts_with(before.as_bytes()) && changed.ends_with(after.as_bytes()));
        prop_assert_eq!(&edited(&changed, Some(&other)).unwrap(), &changed);
        prop_assert_eq!(&edited(&changed, Some(&one)).unwrap(), &content);
        prop_assert_eq!(edited(&changed, None).unwrap(), [before.as_bytes(), after.as_bytes()].concat());
    }
}
