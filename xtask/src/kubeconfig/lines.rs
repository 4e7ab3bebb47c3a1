//! A kubeconfig as lines: what is not ours stays as it is, to the byte.
//!
//! Only what people and kubectl write is understood: lists in block style, one
//! item a dash. All else is `None` here, and what comes out is to be compared
//! with what was meant.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_yaml_ng::Value;

/// The text of a kubeconfig, in lines with their ends.
#[derive(Clone, Debug)]
pub struct Lines {
    text: Vec<String>,
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

/// How lists without items stood before ours were in them, by their names.
pub type Empties = BTreeMap<String, Empty>;

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
        let text: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let end = if text.first().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
        let is_key = |line: &&String| !is_idle(line) && !is_marker(line);
        let base = text.iter().find(is_key).map_or(0, |line| indent(line));
        Self { text, end, base }
    }

    /// Adds an item to the end of a list. How it stood before, if it had none,
    /// goes to `found`.
    pub fn push(&mut self, name: &str, entry: &Value, found: &mut Empties) -> Option<()> {
        let Some(header) = self.header(name) else {
            let list = format!("{}{name}:{}", " ".repeat(self.base), self.end);
            let item = self.item(entry, self.base)?;
            self.insert(self.text.len(), [vec![list], item].concat());
            found.insert(name.to_owned(), Empty::Absent);
            return Some(());
        };
        let list = self.list(header)?;
        let dash = list.items.last().map(|last| indent(&self.text[last.start]));
        if dash.is_none() {
            let (before, _) = split_end(&self.text[header]);
            found.insert(name.to_owned(), Empty::Line(before.to_owned()));
            self.text[header] = without_value(&self.text[header])?;
        }
        let item = self.item(entry, dash.unwrap_or(self.base))?;
        // Comments below an empty list stay below.
        self.insert(if dash.is_some() { list.end } else { header + 1 }, item);
        Some(())
    }

    /// Puts another item in the place of one.
    pub fn replace(&mut self, name: &str, index: usize, entry: &Value) -> Option<()> {
        let range = self.list(self.header(name)?)?.items.get(index)?.clone();
        let item = self.item(entry, indent(&self.text[range.start]))?;
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
        let (line, end) = split_end(&self.text[header]);
        self.text[header] = match empty {
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
        let (line, end) = split_end(&self.text[header]);
        let (key, _) = line.split_once(':')?;
        self.text[header] = format!("{key}: \"\"{end}");
        Some(())
    }

    pub fn into_text(self) -> String {
        self.text.concat()
    }

    /// The line of a key at the top.
    fn header(&self, name: &str) -> Option<usize> {
        let spellings = [name.to_owned(), format!("\"{name}\""), format!("'{name}'")];
        self.text.iter().position(|line| {
            let text = &line[indent(line)..];
            let value = spellings.iter().find_map(|spelling| text.strip_prefix(spelling.as_str()));
            indent(line) == self.base && value.is_some_and(|value| value.trim_start().starts_with(':'))
        })
    }

    /// The list below a header; `None` if it is not in block style.
    fn list(&self, header: usize) -> Option<List> {
        let value = value(&self.text[header])?;
        let body = self.body(header);
        let mut items: Vec<Range<usize>> = Vec::new();
        let mut end = header + 1;
        for at in body {
            let line = &self.text[at];
            let dash = items.first().map(|first| indent(&self.text[first.start]));
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
        let lines = self.text[header + 1..].iter();
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
        if at == self.text.len()
            && let Some(last) = self.text.last_mut().filter(|last| !last.ends_with('\n'))
            && let Some(ours) = block.last_mut()
        {
            last.push_str(end);
            ours.truncate(split_end(ours).0.len());
        }
        self.text.splice(at..at, block);
    }

    fn remove_lines(&mut self, range: Range<usize>) {
        let removed: Vec<String> = self.text.drain(range).collect();
        let is_open = removed.last().is_some_and(|line| !line.ends_with('\n'));
        if let Some(last) = self.text.last_mut().filter(|_| is_open) {
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
