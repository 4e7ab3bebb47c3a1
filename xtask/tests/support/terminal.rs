//! A pseudo-terminal for what a program puts out.

use std::fs::File;
use std::io::Read as _;
use std::num::NonZero;
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use super::Call;

/// Lines of a terminal.
const ROWS: u16 = 24;
/// Lines of one that nothing scrolls out of.
const MANY_ROWS: u16 = 500;

/// Runs the program to its end with a terminal of so many columns as its
/// standard output, and returns what it showed there.
pub(super) fn run(command: &mut Command, columns: u16) -> (ExitStatus, Vec<u8>) {
    let (mut ours, theirs) = open(ROWS, columns);
    let mut child = command.stdout(theirs).stderr(Stdio::null()).spawn().unwrap();
    // The command keeps its end of the terminal open until it is given another.
    command.stdout(Stdio::null());
    let mut shown = read_to_end(&mut ours);
    // Lines end in a carriage return and a line feed there.
    shown.retain(|&byte| byte != b'\r');
    (child.wait().unwrap(), shown)
}

/// Runs the program to its end with all its output on a terminal of so many
/// columns, and returns the lines that are to be seen there afterwards.
pub(super) fn run_on_screen(command: &mut Command, columns: u16) -> (ExitStatus, Vec<String>) {
    let (mut ours, theirs) = open(MANY_ROWS, columns);
    command.env("TERM", "xterm-256color").stdout(theirs.try_clone().unwrap()).stderr(theirs);
    let mut child = command.spawn().unwrap();
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let size = |count| NonZero::new(count).unwrap();
    let mut screen = vt100::Parser::new(size(MANY_ROWS), size(columns), 0);
    screen.process(&read_to_end(&mut ours));
    let rows = screen.screen().rows(0, columns).map(|row| row.trim_end().to_owned());
    (child.wait().unwrap(), rows.filter(|row| !row.is_empty()).collect())
}

impl Call {
    /// Starts it with a terminal as its standard error, and returns when
    /// something moves there. The terminal hangs up when it is dropped.
    pub fn spawn_until_it_moves(mut self) -> (Child, File) {
        let (mut ours, theirs) = open(ROWS, 80);
        self.command.env("TERM", "xterm-256color").stdout(Stdio::piped()).stderr(theirs);
        let child = self.command.spawn().unwrap();
        let mut shown = Vec::new();
        // A spinner is a sign of Braille: U+2800 to U+28FF.
        while !shown.windows(2).any(|bytes| bytes[0] == 0xe2 && (0xa0..=0xa3).contains(&bytes[1])) {
            let mut buffer = [0; 4096];
            let count = ours.read(&mut buffer).unwrap();
            shown.extend_from_slice(&buffer[..count]);
        }
        (child, ours)
    }
}

/// Both ends of a terminal, the program's last.
fn open(rows: u16, columns: u16) -> (File, File) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    tcsetwinsize(&ours, Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs =
        rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    (ours.into(), theirs.into())
}

/// Reads until the other end is closed, which a terminal reports as an error.
fn read_to_end(terminal: &mut File) -> Vec<u8> {
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..count]);
    }
    shown
}
