//! What a server says, made fit to be shown: bounded, and nothing but text.

/// Bytes of a server's words that are kept.
const MOST: usize = 4096;

/// What a server says in passing; beyond some lines it is forgotten.
#[derive(Debug, Default)]
pub(crate) struct Words(Vec<u8>);

impl Words {
    pub(crate) fn add(&mut self, text: &[u8]) {
        let room = MOST - self.0.len();
        self.0.extend_from_slice(&text[..text.len().min(room)]);
    }

    /// What was said so far, in one line.
    pub(crate) fn take(&mut self) -> String {
        Self::of(&std::mem::take(&mut self.0))
    }

    /// `text` in one line.
    pub(crate) fn of(text: &[u8]) -> String {
        let text = String::from_utf8_lossy(&text[..text.len().min(MOST)]);
        let lines = text.split(['\n', '\r']).map(printable).map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
    }
}

/// `text` with a blank for what a terminal would obey, or show as something else.
pub(crate) fn printable(text: &str) -> String {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if hides(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_bounded_and_harmless() {
        let mut words = Words::default();
        for _ in 0..1000 {
            words.add(b"remote: \x1b[31mno\x07\r\nreally\xff\n");
        }
        let text = words.take();
        assert!(text.len() < 3 * MOST && text.starts_with("remote:  [31mno; really\u{fffd}; "));
        assert!(!text.chars().any(char::is_control));
        assert_eq!(words.take(), "");
    }
}
