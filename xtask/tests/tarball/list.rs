//! `tarball list`.

use serde_json::json;

use crate::artifact::{Bed, REPOSITORY, unknown};
use crate::fake::Answer;

#[test]
fn all_pages_newest_first() {
    let bed = Bed::new(|request| {
        let page = |tags: &[&str]| Answer::ok(json!({ "name": REPOSITORY, "tags": tags }).to_string());
        let next = |query: &str| format!("</v2/{REPOSITORY}/tags/list?{query}>; rel=\"next\"");
        match request.path.split_once('?').unwrap() {
            (_, "last=3.10.0") => page(&["3.2.0", "latest"]).header("link", next("last=latest")),
            (_, "last=latest") => page(&["3.10.0-rc.1"]),
            (_, _) => page(&["3.1.0", "3.10.0"]).header("link", next("last=3.10.0")),
        }
    });
    bed.call("list").run().exits(0).stderr("").stdout("3.10.0\n3.10.0-rc.1\n3.2.0\n3.1.0\nlatest\n");
    let list = bed.call("list --format json").run().exits(0).json();
    assert_eq!(list["versions"], json!(["3.10.0", "3.10.0-rc.1", "3.2.0", "3.1.0", "latest"]));
    assert_eq!(list["repository"], REPOSITORY);
}

#[test]
fn an_empty_and_an_absent_repository() {
    let bed = Bed::new(|_| Answer::ok(r#"{"name": "x", "tags": null}"#));
    let ran = bed.call("list").run().exits(0);
    assert_eq!(ran.text(), format!("`{}/{REPOSITORY}` has no tags\n", bed.registry.address));
    let bed = Bed::new(|_| unknown("NAME_UNKNOWN"));
    bed.call("list").run().exits(3).stdout("").stderr(format!(
        "error: `{}` has no repository `{REPOSITORY}`: NAME_UNKNOWN: it is unknown\nhelp: [..]\n",
        bed.registry.address
    ));
}

#[test]
fn a_list_without_an_end_or_elsewhere_is_refused() {
    for (link, said) in [
        ("</v2/x/tags/list>; rel=\"next\"", "has more than 200 pages"),
        ("<http://127.0.0.1:1/v2/x/tags/list>; rel=\"next\"", "has the next page of a list elsewhere"),
    ] {
        let bed = Bed::new(move |_| Answer::ok(r#"{"tags": ["a"]}"#).header("link", link));
        let ran = bed.call("list").run().exits(1).stdout("");
        assert!(ran.errors().contains(said), "{}", ran.errors());
    }
}
