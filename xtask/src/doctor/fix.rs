//! Commands that mend something and can do no harm.

use std::fmt;
use std::time::Duration;

use rustix::process::geteuid;
use serde::Serialize;

use crate::context::Context;
use crate::process::Program;

/// How long one may take, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_secs(20);

/// A command that needs the rights of root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Fix(Vec<String>);

impl Fix {
    /// A program with its arguments.
    pub fn new(words: impl IntoIterator<Item: Into<String>>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }

    /// As this user can run it. `sudo` never asks for a password: it would be
    /// asked for in the middle of what we say.
    pub fn program(&self) -> Program {
        self.program_as(geteuid().is_root()).patience(PATIENCE)
    }

    /// Runs it.
    pub fn run(&self, cx: &Context) -> anyhow::Result<()> {
        self.program().run(cx)
    }

    fn program_as(&self, root: bool) -> Program {
        match self.0.as_slice() {
            [name, args @ ..] if root => Program::new(name).args(args),
            words => Program::new("sudo").args(["-n"]).args(words),
        }
    }
}

/// As it can be typed by anybody.
impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Program::new("sudo").args(&self.0).fmt(f)
    }
}

impl From<Fix> for String {
    fn from(fix: Fix) -> Self {
        fix.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_needs_no_sudo() {
        let fix = Fix::new(["sysctl", "-w", "a.b=1"]);
        assert_eq!(fix.program_as(true).to_string(), "sysctl -w a.b=1");
        assert_eq!(fix.program_as(false).to_string(), "sudo -n sysctl -w a.b=1");
        assert_eq!(fix.to_string(), "sudo sysctl -w a.b=1");
    }
}
