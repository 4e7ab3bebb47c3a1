//! Names of files that Git itself reads, in every spelling a file system knows.

/// The files that Git reads, with the beginning that NTFS gives their short
/// names once `NAME~1` to `NAME~4` are taken (path.c of Git's).
const SPECIAL: [(&str, &str); 4] = [
    (".gitmodules", "gi7eba"),
    (".gitattributes", "gi7d29"),
    (".gitignore", "gi250a"),
    (".mailmap", "maba30"),
];

/// The file of Git's that some file system takes `part` for.
pub(crate) fn special(part: &str) -> Option<&'static str> {
    let part: String = part.chars().filter(|c| !is_ignored(*c)).collect::<String>().to_ascii_lowercase();
    let found = SPECIAL.into_iter().find(|(name, short)| part == *name || is_short(&part, &name[1..], short));
    found.map(|(name, _)| name)
}

/// Code points that HFS+ leaves out of comparisons (TN1150, as Git has them).
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

/// Whether `part` is a short name that NTFS may give to `.name`.
fn is_short(part: &str, name: &str, short: &str) -> bool {
    let Some((stem, number)) = part.split_once('~') else { return false };
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let plain = stem == &name[..name.len().min(6)] && matches!(number, "1" | "2" | "3" | "4");
    let hashed = short.starts_with(stem) && stem.len() + 1 + number.len() == 8;
    plain || (hashed && is_number && !number.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_known() {
        for (part, name) in [
            (".gitmodules", ".gitmodules"),
            (".GitModules", ".gitmodules"),
            (".git\u{200c}modules", ".gitmodules"),
            ("GITMOD~1", ".gitmodules"),
            ("gi7eba~1", ".gitmodules"),
            ("gi7eb~10", ".gitmodules"),
            (".gitattributes", ".gitattributes"),
            ("gitatt~4", ".gitattributes"),
            ("GI7D29~9", ".gitattributes"),
            (".gitignore", ".gitignore"),
            ("gitign~1", ".gitignore"),
            ("gi250a~2", ".gitignore"),
            (".mailmap", ".mailmap"),
            ("mailma~1", ".mailmap"),
            ("maba30~1", ".mailmap"),
        ] {
            assert_eq!(special(part), Some(name), "{part}");
        }
        for part in ["gitmodules", "gitmod~5", "gi7eba~0", "gi7eba", "x~1", "~1234567a", ".gitmodule"] {
            assert_eq!(special(part), None, "{part}");
        }
    }
}
