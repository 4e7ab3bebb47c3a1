//! Standard error: lines, and below them what moves.
//!
//! All that moves is drawn by one hand. Whoever else wrote below it, another
//! bar or a line, would have it clear the wrong lines, and leave its own behind.

use std::io::{self, Write as _};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

use super::terminal::Terminal;

/// How often at most it is drawn anew, each second.
const REFRESHES: u8 = 20;

/// Standard error. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Screen(MultiProgress);

impl Screen {
    pub(super) fn new() -> Self {
        // It draws with the colours of standard output.
        console::set_colors_enabled(console::colors_enabled_stderr());
        let target = Terminal::stderr().map_or_else(ProgressDrawTarget::hidden, |terminal| {
            ProgressDrawTarget::term_like_with_hz(Box::new(terminal), REFRESHES)
        });
        Self(MultiProgress::with_draw_target(target))
    }

    /// Writes a line, above what moves.
    pub(super) fn line(&self, line: &str) {
        // When standard error is gone there is nobody left to tell.
        let _: io::Result<()> = self.0.suspend(|| writeln!(anstream::stderr().lock(), "{line}"));
    }

    /// A bar below those that are there; to be seen once it is drawn.
    pub(super) fn bar(&self) -> ProgressBar {
        self.0.add(ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()))
    }
}
