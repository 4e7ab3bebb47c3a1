//! Versions in the order in which they came.

use std::cmp::{Ordering, Reverse};

use crate::profile::Version;

/// Sorts tags: newest version first, then what is no version, by name.
pub fn newest_first(tags: &mut [String]) {
    tags.sort_by(|one, other| match (Version::parse(one), Version::parse(other)) {
        (Some(first), Some(second)) => {
            second.cmp(&first).then_with(|| compare(suffix(other), suffix(one))).then_with(|| one.cmp(other))
        }
        (first, second) => Reverse(first).cmp(&Reverse(second)).then_with(|| one.cmp(other)),
    });
}

/// What comes after the numbers of a version: empty for a release itself.
fn suffix(tag: &str) -> &str {
    tag.split_once(['-', '+']).map_or("", |(_, suffix)| suffix)
}

/// What is released comes after all that led to it; `rc.10` after `rc.9`.
fn compare(one: &str, other: &str) -> Ordering {
    one.is_empty().cmp(&other.is_empty()).then_with(|| {
        let key = |part: &str| (part.parse::<u64>().map_or((1, 0), |number| (0, number)), part.to_owned());
        one.split(['.', '-', '_']).map(key).cmp(other.split(['.', '-', '_']).map(key))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_first() {
        let sorted = [
            "v4.0.0",
            "3.10.0",
            "3.9.1",
            "3.9.0",
            "3.9.0-rc.10",
            "3.9.0-rc.9",
            "3.9.0-dev-20260102",
            "3.9.0-dev-20251231",
            "3.9.0-1",
            "beta",
            "latest",
            "sha256-0123.sig",
        ];
        let mut tags: Vec<String> = sorted.iter().rev().map(|tag| (*tag).to_owned()).collect();
        newest_first(&mut tags);
        assert_eq!(tags, sorted);
        tags.sort();
        newest_first(&mut tags);
        assert_eq!(tags, sorted);
    }
}
