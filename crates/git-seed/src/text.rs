//! What a server says, made fit to be shown: bounded, and nothing but text.

/// Bytes of a server's words that are kept.
const MOST: usize = 4096;

/// What Git begins a message with, in lower case though it is a new one.
const LABELS: [&str; 5] = ["error:", "fatal:", "hint:", "remote:", "warning:"];

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
        one_line(&String::from_utf8_lossy(&text[..text.len().min(MOST)]))
    }
}

/// What another program says, in one line that is safe to show, each of its
/// lines as [`printable`] has it. They are joined by a blank where a sentence
/// seems to go on or was ended, else by `; `.
pub fn one_line(text: &str) -> String {
    let mut joined = String::new();
    for line in text.split(['\n', '\r']).map(plain) {
        let line = line.trim();
        if !joined.is_empty() && !line.is_empty() {
            joined.push_str(between(&joined, line));
        }
        joined.push_str(line);
    }
    joined
}

/// What joins a line to those before it.
fn between(before: &str, line: &str) -> &'static str {
    let goes_on = line.starts_with(char::is_lowercase) && !LABELS.iter().any(|label| line.starts_with(label));
    if before.ends_with(['.', ',', ':']) || goes_on { " " } else { "; " }
}

/// `text` with a blank for each character that a terminal would obey, and each
/// that is not seen or reorders what is. Ends of lines stay.
pub fn printable(text: &str) -> String {
    text.replace("\r\n", "\n").split('\n').map(plain).collect::<Vec<_>>().join("\n")
}

/// The same without ends of lines: what is to be a part of one line.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect()
}

/// Control characters, and those of Unicode that have no width of their own or
/// change the direction of others (most of what Unicode calls default ignorable).
fn is_hidden(c: char) -> bool {
    let is_invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    c.is_control() || is_invisible
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
        assert!(text.len() < 3 * MOST && text.starts_with("remote:  [31mno really\u{fffd}; remote:  "));
        assert!(!text.chars().any(char::is_control));
        assert_eq!(words.take(), "");
    }

    #[test]
    fn sentences_of_a_hook_stay_whole() {
        let said = "Gitea: the branch is protected,\nwhich administrators\nmay change.\nAsk one of them:\nSupport\n\
                    error: hook declined\nfatal: no push\nhint: ask\nremote: done\nwarning: slow\nEnd\n";
        assert_eq!(
            one_line(said),
            "Gitea: the branch is protected, which administrators may change. Ask one of them: Support; \
             error: hook declined; fatal: no push; hint: ask; remote: done; warning: slow; End"
        );
        assert_eq!(one_line("It failed.\n\nerror: no\nÄ\nä"), "It failed. error: no; Ä ä");
    }

    #[test]
    fn lines_and_letters_stay_alone() {
        assert_eq!(printable("ä\x1b[31mred\r\n\u{9b}1m\x07b\0"), "ä [31mred\n 1m b ");
        assert_eq!(printable("a\u{202e}fdp.exe e\u{301} \u{200b}\u{2069}"), "a fdp.exe e\u{301}   ");
        assert_eq!(plain("a\nRelease-Source: b"), "a Release-Source: b");
        assert_eq!(one_line("error: no\r\n\nfatal:\u{feff}x\n"), "error: no; fatal: x");
    }
}
