//! Text of other processes, made safe to print: as `git-seed` does it with the
//! words of a server.

pub use git_seed::{one_line, printable};
