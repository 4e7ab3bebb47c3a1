//! A kubeconfig as lines: what is not ours stays as it is, to the byte.
//!
//! Only what people and kubectl write is understood: lists in block style, one
//! item a dash. All else is `None` here, and what comes out is to be compared
//! with what was meant.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_yaml_ng::Value;

/// The text of a kubeconfig, in lines with their ends.
#[derive(Clone, Debug)]
pub struct Lines {
    lines: Vec<String>,
    /// How the text ends its lines.
    end: &'static str,
    /// How far the keys at the top are indented.
    base: usize,
}

/// How a list without items stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Empty {
    /// It was not there.
    Absent,
    /// With this line; its end does not belong to it.
    Line(String),
}

/// A list in block style.
struct List {
    header: usize,
    /// The lines of each item, without the comments and blank lines after it.
    items: Vec<Range<usize>>,
    /// Where another item goes. A comment that is indented further than the
    /// dashes comes before: it may be of a text that the last item ends with.
    end: usize,
}

impl Lines {
    pub fn new(text: &str) -> Self {
        let lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let end = if lines.first().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
        let is_key = |line: &&String| !is_idle(line) && !is_marker(line);
        let base = lines.iter().find(is_key).map_or(0, |line| indent(line));
        Self { lines, end, base }
    }

    /// Adds an item to the end of a list. A list that had none before says how it stood.
    pub fn push(&mut self, name: &str, entry: &Value) -> Option<Option<Empty>> {
        let Some(header) = self.header(name) else {
            let list = format!("{}{name}:{}", " ".repeat(self.base), self.end);
            let item = self.item(entry, self.base)?;
            self.insert(self.lines.len(), [vec![list], item].concat());
            return Some(Some(Empty::Absent));
        };
        let list = self.list(header)?;
        if let Some(last) = list.items.last() {
            let item = self.item(entry, indent(&self.lines[last.start]))?;
            self.insert(list.end, item);
            return Some(None);
        }
        let before = self.lines[header].clone();
        self.lines[header] = without_value(&before)?;
        let item = self.item(entry, self.base)?;
        self.insert(header + 1, item);
        Some(Some(Empty::Line(split_end(&before).0.to_owned())))
    }

    /// Puts another item in the place of one.
    pub fn replace(&mut self, name: &str, index: usize, entry: &Value) -> Option<()> {
        let range = self.list(self.header(name)?)?.items.get(index)?.clone();
        let item = self.item(entry, indent(&self.lines[range.start]))?;
        self.remove_lines(range.clone());
        self.insert(range.start, item);
        Some(())
    }

    /// Removes an item; a list that has none any more is left as `empty` says.
    pub fn remove(&mut self, name: &str, index: usize, empty: Option<&Empty>) -> Option<()> {
        let List { header, items, .. } = self.list(self.header(name)?)?;
        self.remove_lines(items.get(index)?.clone());
        if items.len() > 1 {
            return Some(());
        }
        let (line, end) = split_end(&self.lines[header]);
        self.lines[header] = match empty {
            Some(Empty::Absent) => {
                self.remove_lines(header..header + 1);
                return Some(());
            }
            Some(Empty::Line(before)) => format!("{before}{end}"),
            None => {
                let (key, rest) = line.split_once(':')?;
                format!("{key}: []{rest}{end}")
            }
        };
        Some(())
    }

    /// Empties the value of a key at the top.
    pub fn clear(&mut self, name: &str) -> Option<()> {
        let header = self.header(name)?;
        let (line, end) = split_end(&self.lines[header]);
        let (key, _) = line.split_once(':')?;
        self.lines[header] = format!("{key}: \"\"{end}");
        Some(())
    }

    pub fn into_text(self) -> String {
        self.lines.concat()
    }

    /// The line of a key at the top.
    fn header(&self, name: &str) -> Option<usize> {
        let spellings = [name.to_owned(), format!("\"{name}\""), format!("'{name}'")];
        self.lines.iter().position(|line| {
            let text = &line[indent(line)..];
            let value = spellings.iter().find_map(|spelling| text.strip_prefix(spelling.as_str()));
            indent(line) == self.base && value.is_some_and(|value| value.trim_start().starts_with(':'))
        })
    }

    /// The list below a header; `None` if it is not in block style.
    fn list(&self, header: usize) -> Option<List> {
        let value = value(&self.lines[header])?;
        let body = self.body(header);
        let mut items: Vec<Range<usize>> = Vec::new();
        let mut end = header + 1;
        for at in body {
            let line = &self.lines[at];
            let dash = items.first().map(|first| indent(&self.lines[first.start]));
            if is_idle(line) {
                let is_inner = !line.trim().is_empty() && dash.is_some_and(|dash| indent(line) > dash);
                end = if is_inner { at + 1 } else { end };
                continue;
            }
            match items.last_mut() {
                _ if is_item(line) && dash.is_none_or(|dash| dash == indent(line)) => items.push(at..at + 1),
                Some(last) => last.end = at + 1,
                None => return None,
            }
            end = at + 1;
        }
        let is_plain = if items.is_empty() { is_empty_list(value) } else { value.is_empty() };
        is_plain.then_some(List { header, items, end })
    }

    /// The lines that belong to the key of `header`.
    fn body(&self, header: usize) -> Range<usize> {
        let belongs = |line: &String| {
            is_idle(line) || indent(line) > self.base || indent(line) == self.base && is_item(line)
        };
        let lines = self.lines[header + 1..].iter();
        let count = lines.take_while(|line| belongs(line) && !is_marker(line)).count();
        header + 1..header + 1 + count
    }

    /// An entry as an item of a list.
    fn item(&self, entry: &Value, indent: usize) -> Option<Vec<String>> {
        let text = serde_yaml_ng::to_string(&[entry]).ok()?;
        Some(text.lines().map(|line| format!("{}{line}{}", " ".repeat(indent), self.end)).collect())
    }

    /// Where the last line has no end, the last of these has none either.
    fn insert(&mut self, at: usize, mut block: Vec<String>) {
        let end = self.end;
        if at == self.lines.len()
            && let Some(last) = self.lines.last_mut().filter(|last| !last.ends_with('\n'))
            && let Some(ours) = block.last_mut()
        {
            last.push_str(end);
            ours.truncate(split_end(ours).0.len());
        }
        self.lines.splice(at..at, block);
    }

    fn remove_lines(&mut self, range: Range<usize>) {
        let removed: Vec<String> = self.lines.drain(range).collect();
        let is_open = removed.last().is_some_and(|line| !line.ends_with('\n'));
        if let Some(last) = self.lines.last_mut().filter(|_| is_open) {
            last.truncate(split_end(last).0.len());
        }
    }
}

/// A line and its end.
fn split_end(line: &str) -> (&str, &str) {
    line.split_at(line.trim_end_matches(['\r', '\n']).len())
}

/// Blank, or a comment.
fn is_idle(line: &str) -> bool {
    let text = line.trim();
    text.is_empty() || text.starts_with('#')
}

/// Of a document, or a directive.
fn is_marker(line: &str) -> bool {
    ["---", "...", "%"].iter().any(|marker| line.starts_with(marker))
}

fn is_item(line: &str) -> bool {
    let text = line.trim();
    text == "-" || text.starts_with("- ")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// What stands behind the colon of a key, without a comment.
fn value(line: &str) -> Option<&str> {
    let (_, value) = line.split_once(':')?;
    let value = value.trim();
    if value.starts_with('#') {
        return Some("");
    }
    Some(value.split_once(" #").map_or(value, |(value, _)| value.trim_end()))
}

fn is_empty_list(value: &str) -> bool {
    ["", "[]", "null", "~"].contains(&value)
}

/// A line whose key has no value any more; what is behind that stays.
fn without_value(line: &str) -> Option<String> {
    let value = value(line).filter(|value| is_empty_list(value))?;
    let (key, rest) = line.split_once(':')?;
    Some(format!("{key}:{}", rest.replacen(value, "", 1)))
}
