//! A terminal that may hang up.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use console::Term;
use indicatif::TermLike;

/// Columns of the `^C` that a terminal shows when it is typed. What moves is drawn
/// as wide as it may be; with no place behind it this would go to the next line,
/// and that be cleared instead.
const ECHO: u16 = 2;

/// Standard error as a terminal. When it hangs up there is nobody left to tell:
/// drawing goes on without it. `MultiProgress` would panic on an error.
#[derive(Debug)]
pub(super) struct Terminal {
    term: Term,
    hung_up: AtomicBool,
}

impl Terminal {
    /// None where nothing can move: on no terminal, or a simple one.
    pub(super) fn stderr() -> Option<Self> {
        let term = Term::buffered_stderr();
        let can_move = term.is_term() && !console::is_dumb();
        can_move.then(|| Self { term, hung_up: AtomicBool::new(false) })
    }

    /// Once is enough: the buffer keeps what could not be written, and would grow.
    fn put(&self, put: impl FnOnce(&Term) -> io::Result<()>) {
        if !self.hung_up.load(Ordering::Relaxed) && put(&self.term).is_err() {
            self.hung_up.store(true, Ordering::Relaxed);
        }
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        TermLike::width(&self.term).saturating_sub(ECHO).max(1)
    }

    fn height(&self) -> u16 {
        TermLike::height(&self.term)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.put(|term| term.move_cursor_up(n));
        Ok(())
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.put(|term| term.move_cursor_down(n));
        Ok(())
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.put(|term| term.move_cursor_right(n));
        Ok(())
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.put(|term| term.move_cursor_left(n));
        Ok(())
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.put(|term| term.write_line(line));
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.put(|term| term.write_str(text));
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.put(Term::clear_line);
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        self.put(Term::flush);
        Ok(())
    }
}
