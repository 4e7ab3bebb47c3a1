//! A daemon's log: structured events, one JSON object a line, in a file that
//! is rotated by size.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::SystemTime;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Failure;

/// Bytes after which the file is set aside as `<name>.1`, replacing the last.
const ROTATE_AT: u64 = 4 << 20;
/// Events that may wait to be written; more are dropped and counted.
const QUEUE: usize = 1024;

/// What the writing thread is given.
#[derive(Debug)]
enum Entry {
    Event(Value),
    /// Answered when everything before it is written.
    Flush(SyncSender<()>),
}

/// Writes events without ever blocking the one who has something to tell.
#[derive(Clone, Debug)]
pub struct Log {
    queue: SyncSender<Entry>,
    dropped: Arc<AtomicU64>,
}

impl Log {
    /// Opens the file and starts the thread that writes it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = RotatedFile::open(path).with_context(|| {
            Failure::missing(format!("cannot write the log `{}`", path.display()))
                .help("see that the folder is writable and its disk is not full")
        })?;
        let (queue, events) = sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&dropped);
        thread::Builder::new()
            .name("log".into())
            .spawn(move || write_events(file, &events, &counter))
            .context("cannot start the log thread")?;
        Ok(Self { queue, dropped })
    }

    /// Adds an event, an object; its time is put before it.
    pub fn event(&self, event: &impl Serialize) {
        let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        let mut line = json!({ "time": time });
        if let (Value::Object(line), Ok(Value::Object(event))) = (&mut line, serde_json::to_value(event)) {
            line.extend(event);
        }
        if self.queue.try_send(Entry::Event(line)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything told so far is written.
    pub fn flush(&self) {
        let (done, written) = sync_channel(1);
        if self.queue.send(Entry::Flush(done)).is_ok() {
            // An error means that the thread has ended: nothing will be written.
            let _ = written.recv();
        }
    }

    /// Events that were lost since the start, because the disk was too slow,
    /// or full.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

fn write_events(mut file: RotatedFile, events: &Receiver<Entry>, dropped: &AtomicU64) {
    for entry in events {
        if file.is_full() && file.rotate().is_ok() {
            // Panics are written there: they belong to the new file from now
            // on. Where that fails they go to the old one.
            let _ = rustix::stdio::dup2_stderr(&file.file);
        }
        match entry {
            Entry::Event(event) if file.write_line(&event.to_string()).is_err() => {
                dropped.fetch_add(1, Ordering::Relaxed);
            }
            Entry::Event(_) => {}
            // Whoever asked waits for the answer, which has its place.
            Entry::Flush(done) => drop(done.send(())),
        }
    }
}

#[derive(Debug)]
struct RotatedFile {
    file: File,
    path: PathBuf,
    size: u64,
}

impl RotatedFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, path: path.to_owned(), size })
    }

    fn is_full(&self) -> bool {
        self.size >= ROTATE_AT
    }

    /// Sets the file aside and begins a new one. Where that fails the old one is
    /// written on, and set aside when as much again is in it.
    fn rotate(&mut self) -> io::Result<()> {
        self.size = 0;
        let mut aside = self.path.clone().into_os_string();
        aside.push(".1");
        match fs::rename(&self.path, aside) {
            // Somebody removed it, or we could not begin the new one last time.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            renamed => renamed?,
        }
        *self = Self::open(&self.path)?;
        Ok(())
    }

    fn write_line(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{line}\n");
        self.file.write_all(line.as_bytes())?;
        self.size += line.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotates_by_size() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.log");
        let mut file = RotatedFile::open(&path).unwrap();
        let line = "x".repeat(1 << 20);
        for _ in 0..9 {
            if file.is_full() {
                file.rotate().unwrap();
            }
            file.write_line(&line).unwrap();
        }
        assert!(fs::metadata(&path).unwrap().len() < ROTATE_AT);
        assert!(fs::metadata(dir.path().join("x.log.1")).unwrap().len() >= ROTATE_AT);
    }

    #[test]
    fn writes_on_where_it_cannot_rotate() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.log");
        let in_the_way = dir.path().join("x.log.1/full");
        fs::create_dir_all(in_the_way).unwrap();
        let mut file = RotatedFile::open(&path).unwrap();
        file.write_line("one").unwrap();
        file.rotate().unwrap_err();
        file.write_line("two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn begins_anew_where_its_file_was_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.log");
        let mut file = RotatedFile::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        file.rotate().unwrap();
        file.write_line("one").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n");
    }
}
