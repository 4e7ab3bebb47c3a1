//! Text of other processes, made safe to print.

/// The text without control characters, with which it could move a terminal's
/// cursor or recolour it; only ends of lines stay.
pub fn printable(text: &str) -> String {
    text.chars().filter(|&char| char == '\n' || !char.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_lines_and_letters_alone() {
        assert_eq!(printable("ä\x1b[31mred\r\n\u{9b}1m\x07b\0"), "ä[31mred\n1mb");
    }
}
