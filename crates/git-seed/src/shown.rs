//! Names out of an archive, made fit for a message.

/// Characters of a name that are shown.
const LONGEST: usize = 160;

/// `name` as one short printable line, whatever bytes it has: escapes for what
/// is not printable, the middle left out of what is too long.
pub(crate) fn shown(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        chunk.valid().chars().for_each(|c| show(c, &mut text));
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
        // Enough to choose a beginning from; what is behind that is not looked at.
        if text.len() > 64 * LONGEST {
            break;
        }
    }
    shorten(text)
}

fn show(c: char, text: &mut String) {
    match c {
        '\'' | '"' => text.push(c),
        '`' => text.push_str("\\x60"),
        c => text.extend(c.escape_debug()),
    }
}

fn shorten(text: String) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text;
    }
    let half = LONGEST / 2;
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(length - half).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_on_one_short_printable_line() {
        assert_eq!(shown(b"a/b c'd"), "a/b c'd");
        assert_eq!(shown("schön".as_bytes()), "schön");
        assert_eq!(shown(b"a\nb\x1b[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(shown("\u{202e}txt".as_bytes()), "\\u{202e}txt");
        assert_eq!(shown(b"\xff`\0"), "\\xff\\x60\\0");
        let long = shown("ä".repeat(5000).as_bytes());
        assert_eq!(long.chars().count(), LONGEST + 1);
    }
}
