//! Contexts that are put into kubeconfigs, and taken out again.

mod files;
mod generated;

use super::edit::{self, Edited, Unreadable};
use super::entries::Entries;
use super::lines::Empties;

/// A kubeconfig as kind writes it for a cluster of ours.
pub(super) fn own(name: &str, port: u16) -> String {
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: Q0E=\n    \
         server: https://127.0.0.1:{port}\n  name: {name}\ncontexts:\n- context:\n    cluster: {name}\n    \
         user: {name}\n  name: {name}\ncurrent-context: {name}\nusers:\n- name: {name}\n  user:\n    \
         client-certificate-data: Q0VSVA==\n    client-key-data: S0VZ\n"
    )
}

pub(super) fn ours(port: u16) -> Entries {
    Entries::read(&own("kind-ours", port), "kind-ours").unwrap()
}

fn added(text: &str) -> Edited {
    edit::add(text, &ours(1)).unwrap().expect("it was not there")
}

fn removed(text: &str, empties: &Empties) -> Edited {
    edit::remove(text, "kind-ours", empties).unwrap().expect("it was there")
}

/// What is taken out again leaves the file as it was.
#[track_caller]
fn comes_back(text: &str) -> String {
    let with = added(text);
    assert!(!with.rewritten, "{}", with.text);
    assert_eq!(edit::add(&with.text, &ours(1)).unwrap(), None, "again");
    let without = removed(&with.text, &with.empties);
    assert!(!without.rewritten, "{}", without.text);
    assert_eq!(without.text, text);
    with.text
}

const KUBECTL: &str = "\
# Mine.
apiVersion: v1
clusters:
- cluster:
    server: https://a.example
  name: a
contexts:
- context:
    cluster: a
    user: me
  name: a
# The one I use.
current-context: a
kind: Config
preferences: {}
users:
- name: me
  user:
    token: secret # of last week

# The end.
";

#[test]
fn entries_go_to_the_end_of_lists_and_nothing_else_moves() {
    let with = comes_back(KUBECTL);
    assert_eq!(with.lines().count(), KUBECTL.lines().count() + 12, "{with}");
    let expected = "  name: a\n- cluster:\n    certificate-authority-data: Q0E=\n    server: https://127.0.0.1:1\n  \
                    name: kind-ours\ncontexts:\n";
    assert!(with.contains(expected), "{with}");
    assert!(with.contains("current-context: a\n"));
    assert!(with.ends_with("    client-key-data: S0VZ\n\n# The end.\n"), "{with}");
}

#[test]
fn lists_that_are_empty_or_absent_come_back_as_they_were() {
    for text in [
        "",
        "\n",
        "# nothing here\n",
        "---\n",
        "apiVersion: v1\nkind: Config",
        "clusters: []\ncontexts: []\nusers: []\n",
        "clusters: []   # none\ncontexts: null\nusers: ~\nkind: Config\n",
        "clusters:\ncontexts:\n# one day\nusers:",
        "clusters: null\r\nkind: Config\r\n",
        "  clusters: []\n  kind: Config\n",
        "\"clusters\": []\n'users': []\n",
        "clusters:\n  # first\n  - name: a\n    cluster: {server: \"https://a\"}\n  # last\nkind: Config\n",
        "clusters:\n      -   name: a\n          cluster: {server: \"https://a\"}",
        "users:\n-\n  name: a\n  user:\n    token: |\n      - one\n      two\n\nkind: Config\n",
    ] {
        comes_back(text);
    }
}

#[test]
fn another_port_changes_our_entries_alone() {
    let with = comes_back(KUBECTL);
    let later = edit::add(&with, &ours(2)).unwrap().unwrap();
    assert!(!later.rewritten);
    assert_eq!(later.text, with.replace("https://127.0.0.1:1\n", "https://127.0.0.1:2\n"));
    assert_eq!(removed(&later.text, &later.empties).text, KUBECTL);
}

#[test]
fn what_the_user_adds_to_our_context_stays() {
    let with =
        comes_back(KUBECTL).replace("    user: kind-ours\n", "    user: kind-ours\n    namespace: dev\n");
    assert_eq!(edit::add(&with, &ours(1)).unwrap(), None);
    let later = edit::add(&with, &ours(2)).unwrap().unwrap();
    assert!(later.text.contains("namespace: dev\n"));
    assert_eq!(removed(&with, &Empties::new()).text, KUBECTL);
}

#[test]
fn a_current_context_that_is_gone_is_emptied() {
    let with = comes_back(KUBECTL).replace("current-context: a", "current-context: kind-ours");
    let without = removed(&with, &Empties::new());
    assert!(without.cleared && !without.rewritten);
    assert_eq!(without.text, KUBECTL.replace("current-context: a", "current-context: \"\""));
}

#[test]
fn what_is_not_in_blocks_is_written_anew_with_all_it_had() {
    for text in [
        "{\"clusters\": [{\"name\": \"a\", \"cluster\": {\"server\": \"https://a\"}}], \"x-more\": [1, 2]}",
        "clusters: [{name: a, cluster: {server: \"https://a\"}}]\nx-more: [1, 2]\n",
        "{}",
        "x-more: [1, 2]\n...\n",
    ] {
        let with = added(text);
        assert!(with.rewritten, "{}", with.text);
        assert_eq!(edit::add(&with.text, &ours(1)).unwrap(), None, "{}", with.text);
        let without = removed(&with.text, &with.empties);
        assert!(!without.text.contains("kind-ours"), "{}", without.text);
        for kept in ["https://a", "x-more"].into_iter().filter(|kept| text.contains(kept)) {
            assert!(without.text.contains(kept), "{}", without.text);
        }
    }
}

#[test]
fn what_is_no_kubeconfig_is_left_alone() {
    for text in [
        "clusters: []\n---\nclusters: []\n",
        "clusters:\n\t- name: a\n",
        "clusters: []\nclusters: []\n",
        "just text\n",
        "[]\n",
        "clusters: {}\n",
        "clusters: [\n",
    ] {
        assert!(edit::add(text, &ours(1)).is_err(), "{text}");
        assert!(edit::remove(text, "kind-ours", &Empties::new()).is_err(), "{text}");
    }
    let error = edit::add("users:\n- user: {token: secret\n", &ours(1)).unwrap_err();
    assert!(matches!(error, Unreadable(Some(_))), "{error:?}");
}
