//! The name that was probably meant.

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
}
