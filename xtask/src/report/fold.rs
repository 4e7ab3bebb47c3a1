//! Folding of text at a terminal's width.

/// Folds each line of `text` at spaces into lines of at most `width` columns.
/// A longer word keeps a line to itself.
pub fn fold(text: &str, width: usize) -> Vec<String> {
    text.split('\n').flat_map(|line| fold_line(line.trim_end(), width)).collect()
}

fn fold_line(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_at_the_width_and_not_before() {
        assert_eq!(fold("one two three", 7), ["one two", "three"]);
        assert_eq!(fold("one two three", 6), ["one", "two", "three"]);
    }

    #[test]
    fn lines_stay_apart() {
        assert_eq!(fold("a\nb c", 80), ["a", "b c"]);
    }

    #[test]
    fn a_long_word_keeps_its_line() {
        assert_eq!(fold("a longest b", 4), ["a", "longest", "b"]);
        assert_eq!(fold("", 4), [""]);
    }
}
