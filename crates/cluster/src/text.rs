//! Text of others, made fit for a line of a message.

/// `text` on one line, without control characters and the marks that reorder
/// or hide what is printed; at most `limit` characters, then `…`.
pub(crate) fn line(text: &str, limit: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(|char: char| char.is_whitespace() || char.is_control()) {
        let separator = usize::from(!line.is_empty());
        for (index, char) in word.chars().filter(|&char| !is_hidden(char)).enumerate() {
            if index == 0 && separator == 1 {
                line.push(' ');
                length += 1;
            }
            if length >= limit {
                line.push('…');
                return line;
            }
            line.push(char);
            length += 1;
        }
    }
    line
}

/// Zero-width characters and bidirectional controls (Unicode UAX 9).
fn is_hidden(char: char) -> bool {
    matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_printable_line() {
        assert_eq!(line("  a\n\tb\x1b[31m\u{202e}c\0 ", 100), "a b [31mc");
        assert_eq!(line("", 100), "");
        assert_eq!(line("\u{200b} \u{200b}x", 100), "x");
    }

    #[test]
    fn is_bounded() {
        assert_eq!(line("abcdef", 6), "abcdef");
        assert_eq!(line("abcdefg", 6), "abcdef…");
        assert_eq!(line(&"ä".repeat(1000), 10).chars().count(), 11);
    }
}
