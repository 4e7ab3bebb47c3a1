//! Lines for `/etc/hosts`, and the marked block that holds them there.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::net::IpAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use routing::{HostName, HostPattern, Route, RoutingTable};

use crate::failure::Failure;
use crate::replace::replace;

/// Longest line written, in bytes: short enough to be read, and for every resolver.
const MAX_LINE: usize = 100;

/// Longest file edited, in bytes; block lists of advertisers take a few MiB.
const MAX_FILE: u64 = 16 << 20;

/// All names of the table that such a file can list, as lines of `address name …`;
/// `address` tells where a route is entered, if that is known.
pub fn lines(table: &RoutingTable, address: impl Fn(&Route) -> Option<IpAddr>) -> Vec<String> {
    let mut names: BTreeMap<IpAddr, BTreeSet<&HostName>> = BTreeMap::new();
    for route in table.routes() {
        let Some(address) = address(route) else { continue };
        // A name of several routes belongs to the one that takes it.
        let is_taken = |name: &HostName| {
            table.find(route.entry_point, Some(name)).is_some_and(|taker| taker.name == route.name)
        };
        names.entry(address).or_default().extend(route.hosts.iter().filter_map(|host| match host {
            HostPattern::Exact(name) => Some(name).filter(|name| is_taken(name)),
            HostPattern::Wildcard(_) | HostPattern::Any => None,
        }));
    }
    names.into_iter().flat_map(|(address, names)| lines_of(address, names)).collect()
}

fn lines_of(address: IpAddr, names: BTreeSet<&HostName>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut().filter(|line| line.len() + 1 + name.as_str().len() <= MAX_LINE) {
            Some(line) => line.extend([" ", name.as_str()]),
            None => lines.push(format!("{address} {name}")),
        }
    }
    lines
}

/// The hosts of the table that such a file cannot list: `*` and wildcards.
pub fn unlisted(table: &RoutingTable) -> BTreeSet<&HostPattern> {
    let hosts = table.routes().iter().flat_map(|route| &route.hosts);
    hosts.filter(|host| !matches!(host, HostPattern::Exact(_))).collect()
}

/// The content of a hosts file, if it exists. A device or a pipe may never end.
fn read(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    let cannot = || format!("cannot read `{}`", path.display());
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= MAX_FILE => {
            fs::read(path).map(Some).with_context(cannot)
        }
        Ok(_) => Err(Failure::usage(format!("`{}` is no hosts file", path.display()))
            .help("name a regular file of at most 16 MiB, such as `/etc/hosts`")
            .into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(cannot),
    }
}

/// A change of one marked block in a file; everything else keeps its bytes.
#[derive(Debug)]
pub struct Edit {
    path: PathBuf,
    /// `None`: there is no file.
    old: Option<Vec<u8>>,
    new: Vec<u8>,
}

impl Edit {
    /// The block of `marker` shall hold `lines`; a new one goes to the end.
    pub fn keep_block(path: &Path, marker: &str, lines: &[String]) -> anyhow::Result<Self> {
        Self::plan(path, marker, Some(lines))
    }

    /// The block of `marker` shall be gone.
    pub fn remove_block(path: &Path, marker: &str) -> anyhow::Result<Self> {
        Self::plan(path, marker, None)
    }

    fn plan(path: &Path, marker: &str, lines: Option<&[String]>) -> anyhow::Result<Self> {
        let old = read(path)?;
        let new = with_block(old.as_deref().unwrap_or_default(), marker, lines).map_err(|damage| {
            Failure::failed(format!("the block `{marker}` in `{}` is damaged: {damage}", path.display()))
                .help("remove the lines of the block by hand, with those that begin and end it")
        })?;
        Ok(Self { path: path.to_owned(), old, new })
    }

    /// Whether the file is not yet as it shall be.
    pub fn is_needed(&self) -> bool {
        self.old.as_deref().unwrap_or_default() != self.new
    }

    /// Writes the file in one step, if that is needed.
    pub fn apply(&self) -> anyhow::Result<()> {
        if self.is_needed() { replace(&self.path, &self.new) } else { Ok(()) }
    }
}

/// `content` with the block of `marker` holding `lines`, or without it.
fn with_block(content: &[u8], marker: &str, lines: Option<&[String]>) -> Result<Vec<u8>, String> {
    let (begin, end) = (format!("# begin {marker}"), format!("# end {marker}"));
    let found = find_block(content, &begin, &end)?;
    let at = found.clone().unwrap_or(content.len()..content.len());
    let line_end = line_end(&content[at.start..]).or_else(|| line_end(content)).unwrap_or("\n");
    let mut new = content[..at.start].to_vec();
    if let Some(lines) = lines {
        if !new.is_empty() && !new.ends_with(b"\n") {
            new.extend(line_end.as_bytes());
        }
        let all = std::iter::once(&begin).chain(lines).chain(std::iter::once(&end));
        new.extend(all.flat_map(|line| [line.as_bytes(), line_end.as_bytes()].concat()));
        if found.is_some() && !content[at.clone()].ends_with(b"\n") {
            // The file ends with the block, and without a line break.
            new.truncate(new.len() - line_end.len());
        }
    }
    new.extend(&content[at.end..]);
    Ok(new)
}

/// Where the block is, from the line that begins it to the one that ends it.
fn find_block(content: &[u8], begin: &str, end: &str) -> Result<Option<Range<usize>>, String> {
    let (mut open, mut found) = (None, None);
    let mut offset = 0;
    for (number, line) in (1..).zip(content.split_inclusive(|byte| *byte == b'\n')) {
        let start = offset;
        offset += line.len();
        let text = line.trim_ascii_end();
        if text == begin.as_bytes() {
            if open.is_some() || found.is_some() {
                return Err(format!("line {number} begins it a second time"));
            }
            open = Some((number, start));
        } else if text == end.as_bytes() {
            let (_, start) = open.take().ok_or_else(|| format!("line {number} ends what was not begun"))?;
            found = Some(start..offset);
        }
    }
    match open {
        Some((number, _)) => Err(format!("nothing ends what line {number} begins")),
        None => Ok(found),
    }
}

/// How the first line ends.
fn line_end(content: &[u8]) -> Option<&'static str> {
    let line = content.split_inclusive(|byte| *byte == b'\n').next()?;
    line.ends_with(b"\n").then(|| if line.ends_with(b"\r\n") { "\r\n" } else { "\n" })
}
