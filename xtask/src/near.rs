//! Names in messages: the one that was probably meant, many at once, how many.

use std::fmt::Display;

/// How alike two names must be, from 0 to 1, to be taken for each other.
const ALIKE: f64 = 0.7;

/// The candidate most like `word`, if one is like it at all.
pub fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.into_iter().map(|candidate| (strsim::jaro_winkler(word, candidate), candidate));
    let best = scored.filter(|(score, _)| *score > ALIKE).max_by(|one, other| one.0.total_cmp(&other.0));
    best.map(|(_, candidate)| candidate)
}

/// `; did you mean …?`, or nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    near(word, candidates).map(|candidate| format!("; did you mean `{candidate}`?")).unwrap_or_default()
}

/// Names for a message: `one`, `other`.
pub fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The first `most` of them, and how many there are more: `one, other and 2 more`.
pub fn first_of<T: Display>(most: usize, all: impl IntoIterator<Item = T>) -> String {
    let mut all = all.into_iter();
    let first: Vec<String> = all.by_ref().take(most).map(|item| item.to_string()).collect();
    match all.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// So many of what one is called: `1 file`, `2 files`.
pub fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_near_name_only() {
        let names = ["argo", "gitea", "orchestrator"];
        assert_eq!(near("arog", names), Some("argo"));
        assert_eq!(near("orchestator", names), Some("orchestrator"));
        assert_eq!(near("zzz", names), None);
        assert_eq!(did_you_mean("gitae", names), "; did you mean `gitea`?");
        assert_eq!(did_you_mean("zzz", names), "");
        assert_eq!(quoted(["a", "b"]), "`a`, `b`");
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        assert_eq!(first_of(2, ["a", "b"]), "a, b");
        assert_eq!(first_of(2, ["a", "b", "c", "d"]), "a, b and 2 more");
        assert_eq!(first_of(2, [""; 0]), "");
        assert_eq!([0, 1, 2].map(|count| counted(count, "file")), ["0 files", "1 file", "2 files"]);
    }
}
