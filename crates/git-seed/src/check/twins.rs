//! Paths that are one on a file system which folds case or Unicode forms.

use std::hash::{DefaultHasher, Hash, Hasher};

use unicode_normalization::UnicodeNormalization;

use crate::fault::Fault;
use crate::index::Index;
use crate::refusal::Refusal;
use crate::root::Root;

/// Warnings that are given one by one.
const WARNED: usize = 10;

/// Warns of paths, of folders too, that differ only in case or Unicode form;
/// or fails, if it is to be strict.
pub(super) fn check(index: &Index<'_>, strict: bool, root: Root<'_>) -> Result<Vec<String>, Fault> {
    let mut places = places(index);
    places.sort_unstable();
    let mut warnings = Vec::new();
    let mut more = 0;
    for pair in places.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let (one, other) = (path(index, &pair[0]), path(index, &pair[1]));
        if !folded(one).eq(folded(other)) {
            continue;
        }
        let one = root.shown(one);
        if strict {
            return Err(root.refuse(other, Refusal::Twin(one)));
        }
        if warnings.len() < WARNED {
            let other = root.shown(other);
            warnings
                .push(format!("`{one}` and `{other}` are one file where case or Unicode form do not count"));
        } else {
            more += 1;
        }
    }
    if more > 0 {
        warnings.push(format!("{more} more pairs of paths are one where case or Unicode form do not count"));
    }
    Ok(warnings)
}

/// A path of a file or folder: the hash of its folded form, the file's place in
/// the index, and the length of the path.
type Place = (u64, usize, usize);

/// Each file and each folder once.
fn places(index: &Index<'_>) -> Vec<Place> {
    let mut places = Vec::with_capacity(index.len() * 5 / 4);
    let mut before = "";
    for (place, file) in index.iter().enumerate() {
        let path = file.path.as_str();
        let same = path.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
        let folders = path.bytes().enumerate().skip(same).filter(|(_, byte)| *byte == b'/');
        let ends = folders.map(|(end, _)| end).chain([path.len()]);
        places.extend(ends.map(|end| (hash(&path[..end]), place, end)));
        before = path;
    }
    places
}

fn path<'a>(index: &Index<'a>, place: &Place) -> &'a str {
    index.get(place.1).map_or("", |file| &file.path[..place.2])
}

/// Only to bring twins together: what has one hash is compared.
fn hash(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    if path.is_ascii() {
        path.bytes().for_each(|byte| u32::from(byte.to_ascii_lowercase()).hash(&mut hasher));
    } else {
        folded(path).for_each(|c| u32::from(c).hash(&mut hasher));
    }
    hasher.finish()
}

/// `path` decomposed, and then without case.
fn folded(path: &str) -> impl Iterator<Item = char> + '_ {
    path.nfd().map(fold)
}

/// The lower case of the upper case, as far as that is one character: so that
/// `ς` and `σ` are one, which both have the upper case `Σ`.
fn fold(c: char) -> char {
    fn one(mut chars: impl Iterator<Item = char>, otherwise: char) -> char {
        chars.next().filter(|_| chars.next().is_none()).unwrap_or(otherwise)
    }
    let upper = one(c.to_uppercase(), c);
    one(upper.to_lowercase(), upper)
}
