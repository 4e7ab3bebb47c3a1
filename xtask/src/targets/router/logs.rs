//! `router logs`.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

use crate::context::Context;
use crate::engine::traefik::log;
use crate::engine::{self, LogSource};
use crate::failure::Failure;
use crate::launch;
use crate::report::{Answer, Page};

/// How often the file is looked at for news.
const LOOK: Duration = Duration::from_millis(100);

/// Show the router's log
#[derive(clap::Args, Debug)]
pub struct Args {
    /// How many of the last events to show
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 20)]
    lines: usize,
    /// Go on showing new events until Ctrl-C
    #[arg(short, long)]
    follow: bool,
}

#[derive(Serialize)]
struct Events {
    events: Vec<Value>,
}

impl Args {
    /// Prints events.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let cx = &launch::resume(cx)?;
        match engine::of(cx)?.log() {
            LogSource::File(path) => self.of_file(cx, &path),
            LogSource::Container(name) => self.of_container(cx, &name),
        }
    }

    fn of_container(self, cx: &Context, name: &str) -> anyhow::Result<()> {
        let show = |lines: Vec<String>| {
            let events = lines.into_iter().map(Value::String).collect();
            cx.reporter.answer("router logs", &Events { events })
        };
        if !self.follow {
            return show(log::tail(cx, name, self.lines)?);
        }
        let ended = log::follow(cx, name, self.lines, || cx.reporter.has_reader(), show);
        // Ctrl-C is how following ends.
        if cx.interrupt.requested() { Ok(()) } else { ended }
    }

    fn of_file(self, cx: &Context, path: &Path) -> anyhow::Result<()> {
        let mut reader = open(path)?.with_context(|| {
            Failure::missing(format!("there is no log `{}`", path.display()))
                .help("the router has not run since `down`; start it with `cargo xtask router start`")
        })?;
        let mut events = read_events(&mut reader)?;
        let events = events.split_off(events.len().saturating_sub(self.lines));
        cx.reporter.answer("router logs", &Events { events })?;
        if self.follow { follow(cx, path, reader) } else { Ok(()) }
    }
}

/// Until Ctrl-C, which is how following ends, or nobody reads on; a rotated file is followed to
/// its successor.
fn follow(cx: &Context, path: &Path, mut reader: BufReader<File>) -> anyhow::Result<()> {
    while !cx.interrupt.requested() && cx.reporter.has_reader() {
        let events = read_events(&mut reader)?;
        if !events.is_empty() {
            cx.reporter.answer("router logs", &Events { events })?;
        } else if let Some(newer) = open(path)?.filter(|newer| inode(newer) != inode(&reader)) {
            reader = newer;
        } else {
            thread::sleep(LOOK);
        }
    }
    Ok(())
}

fn open(path: &Path) -> anyhow::Result<Option<BufReader<File>>> {
    match File::open(path) {
        Ok(file) => Ok(Some(BufReader::new(file))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read `{}`", path.display())),
    }
}

fn inode(reader: &BufReader<File>) -> Option<u64> {
    reader.get_ref().metadata().ok().map(|metadata| metadata.ino())
}

/// The events from here to the end. A line that is no event, such as the last
/// words of a daemon that crashed, is shown as it is.
fn read_events(reader: &mut BufReader<File>) -> anyhow::Result<Vec<Value>> {
    let mut events = Vec::new();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).context("cannot read the log")? > 0 {
        let text = String::from_utf8_lossy(&line);
        events
            .push(serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.trim_end().to_owned())));
        line.clear();
    }
    Ok(events)
}

impl Answer for Events {
    fn write(&self, page: &mut Page) {
        self.events.iter().for_each(|event| page.line(describe(event)));
    }
}

/// `time event key=value …`, without the keys that say nothing.
fn describe(event: &Value) -> String {
    let Value::Object(fields) = event else { return event.as_str().unwrap_or_default().to_owned() };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let field = |name: &str| fields.get(name).map(text).unwrap_or_default();
    let silent =
        |name: &str, value: &Value| ["time", "event"].contains(&name) || value.is_null() || *value == 0;
    let others = fields.iter().filter(|(name, value)| !silent(name, value));
    let others = others.map(|(name, value)| format!(" {name}={}", text(value)));
    format!("{} {}{}", field("time"), field("event"), others.collect::<String>())
}
