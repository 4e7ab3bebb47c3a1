//! A pseudo-terminal as the standard output of a program.

use std::fs::File;
use std::io::Read as _;
use std::process::{Command, ExitStatus, Stdio};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Runs the program to its end with a terminal of so many columns as its
/// standard output, and returns what it showed there.
pub(super) fn run(command: &mut Command, columns: u16) -> (ExitStatus, Vec<u8>) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    tcsetwinsize(&ours, Winsize { ws_col: columns, ws_row: 24, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs =
        rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
    let mut child = command.stdout(theirs).stderr(Stdio::null()).spawn().unwrap();
    // The command keeps its end of the terminal open until it is given another.
    command.stdout(Stdio::null());
    let shown = read_to_end(&mut File::from(ours));
    (child.wait().unwrap(), shown)
}

/// Reads until the other end is closed, which a terminal reports as an error.
/// Lines end in a carriage return and a line feed there.
fn read_to_end(terminal: &mut File) -> Vec<u8> {
    let mut shown = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..count]);
    }
    shown.retain(|&byte| byte != b'\r');
    shown
}
