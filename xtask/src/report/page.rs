//! Text for people: lines, and tables that fold on narrow terminals.

use std::fmt::Write as _;

use super::fold;

/// Columns for lists of words where there is no terminal.
const DEFAULT_WIDTH: usize = 100;

/// What a piece of text means; its colour follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Nothing special.
    #[default]
    Plain,
    /// A heading.
    Heading,
    /// As it should be.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
    /// Of less interest.
    Dim,
}

impl From<Style> for anstyle::Style {
    fn from(style: Style) -> Self {
        let color = |color: anstyle::AnsiColor| Self::new().fg_color(Some(color.into()));
        match style {
            Style::Plain => Self::new(),
            Style::Heading => Self::new().bold(),
            Style::Good => color(anstyle::AnsiColor::Green),
            Style::Warn => color(anstyle::AnsiColor::Yellow),
            Style::Bad => color(anstyle::AnsiColor::Red),
            Style::Dim => Self::new().dimmed(),
        }
    }
}

/// Text under construction, for a terminal of a certain width if for one.
#[derive(Debug)]
pub struct Page {
    text: String,
    width: Option<usize>,
}

/// Rows of styled cells under headings.
#[derive(Debug, Default)]
pub struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<(String, Style)>>,
}

impl Page {
    /// An empty page, for a terminal `width` columns wide if for one.
    pub fn new(width: Option<usize>) -> Self {
        Self { text: String::new(), width }
    }

    /// Adds a line.
    pub fn line(&mut self, line: impl AsRef<str>) {
        self.styled(Style::Plain, line);
    }

    /// Adds a line in a style.
    pub fn styled(&mut self, style: Style, line: impl AsRef<str>) {
        paint(&mut self.text, line.as_ref(), style);
        self.text.push('\n');
    }

    /// Adds a paragraph, `indent` columns in; folded for a terminal, with two
    /// columns more from the second line on. Other programs get whole lines.
    pub fn folded(&mut self, style: Style, indent: usize, text: impl AsRef<str>) {
        let width = self.width.map_or(usize::MAX, |width| width.saturating_sub(indent + 2));
        for (position, line) in fold(text.as_ref(), width).iter().enumerate() {
            let indent = if position == 0 { indent } else { indent + 2 };
            self.text.extend(std::iter::repeat_n(' ', indent));
            self.styled(style, line);
        }
    }

    /// Adds an empty line.
    pub fn gap(&mut self) {
        self.text.push('\n');
    }

    /// Adds words, wrapped and indented by `indent` columns.
    pub fn words(&mut self, indent: usize, words: &[String]) {
        let margin = " ".repeat(indent);
        let mut line = margin.clone();
        for word in words {
            let full = line.len() > indent && line.chars().count() + 2 + word.chars().count() > self.width();
            if full {
                self.line(std::mem::replace(&mut line, margin.clone()));
            }
            line += if line.len() > indent { "  " } else { "" };
            line += word;
        }
        self.line(line);
    }

    /// Adds a table: in columns where they fit or there is no terminal, else a
    /// block of `heading: cell` lines for each row.
    pub fn table(&mut self, table: &Table) {
        let widths = table.widths();
        let total: usize = widths.iter().map(|width| width + 2).sum::<usize>().saturating_sub(2);
        let fits = self.width.is_none_or(|width| total <= width);
        if fits { self.columns(table, &widths) } else { self.blocks(table) }
    }

    /// The finished text.
    pub fn into_string(self) -> String {
        self.text
    }

    fn width(&self) -> usize {
        self.width.unwrap_or(DEFAULT_WIDTH)
    }

    fn columns(&mut self, table: &Table, widths: &[usize]) {
        let headings: Vec<_> = table.headings.iter().map(|name| (name.to_uppercase(), Style::Dim)).collect();
        for row in std::iter::once(&headings).chain(&table.rows) {
            for (column, (cell, style)) in row.iter().enumerate() {
                paint(&mut self.text, cell, *style);
                if column + 1 < row.len() {
                    let padding = widths[column].saturating_sub(cell.chars().count()) + 2;
                    self.text.extend(std::iter::repeat_n(' ', padding));
                }
            }
            self.text.push('\n');
        }
    }

    fn blocks(&mut self, table: &Table) {
        for row in &table.rows {
            for (column, (heading, (cell, style))) in table.headings.iter().zip(row).enumerate() {
                if cell.is_empty() {
                    continue;
                }
                if column == 0 {
                    self.styled(if *style == Style::Plain { Style::Heading } else { *style }, cell);
                } else {
                    self.field(heading, cell, *style);
                }
            }
        }
    }

    /// `heading: cell`, or the cell below its heading where that is too wide.
    fn field(&mut self, heading: &str, cell: &str, style: Style) {
        let heading = format!("  {heading}:");
        if heading.chars().count() + 1 + cell.chars().count() <= self.width() {
            let _ = write!(self.text, "{heading} ");
            self.styled(style, cell);
        } else {
            self.line(heading);
            self.folded(style, 4, cell);
        }
    }
}

impl Table {
    /// An empty table.
    pub fn new(headings: &[&str]) -> Self {
        Self { headings: headings.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    /// Adds a row of plain cells.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.styled_row(cells.into_iter().map(|cell| (cell.into(), Style::Plain)));
    }

    /// Adds a row of styled cells.
    pub fn styled_row(&mut self, cells: impl IntoIterator<Item = (String, Style)>) {
        self.rows.push(cells.into_iter().collect());
    }

    fn widths(&self) -> Vec<usize> {
        let cell_width = |column: usize| {
            let cells = self.rows.iter().filter_map(move |row| row.get(column));
            cells.map(|(cell, _)| cell.chars().count()).max().unwrap_or(0)
        };
        self.headings.iter().enumerate().map(|(column, name)| name.len().max(cell_width(column))).collect()
    }
}

fn paint(text: &mut String, content: &str, style: Style) {
    if style == Style::Plain || content.is_empty() {
        text.push_str(content);
    } else {
        let style = anstyle::Style::from(style);
        let _ = write!(text, "{style}{content}{style:#}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["name", "address"]);
        table.row(["argo", "127.0.0.1:443"]);
        table.row(["orchestrator", ""]);
        table
    }

    #[test]
    fn columns_where_they_fit() {
        let mut page = Page::new(Some(40));
        page.table(&table());
        let text = anstream::adapter::strip_str(&page.into_string()).to_string();
        assert_eq!(text, "NAME          ADDRESS\nargo          127.0.0.1:443\norchestrator  \n");
    }

    #[test]
    fn blocks_where_they_do_not() {
        for (width, expected) in [
            (24, "argo\n  address: 127.0.0.1:443\norchestrator\n"),
            (23, "argo\n  address:\n    127.0.0.1:443\norchestrator\n"),
        ] {
            let mut page = Page::new(Some(width));
            page.table(&table());
            let text = anstream::adapter::strip_str(&page.into_string()).to_string();
            assert_eq!(text, expected);
        }
    }
}
