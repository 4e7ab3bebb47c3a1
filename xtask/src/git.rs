//! Git's program, as every user has it.

use crate::context::Context;
use crate::process::Program;

/// Git's program with the user's configuration, but without the variables that
/// lead it to another repository: a hook that calls us has them.
pub fn users_git(cx: &Context) -> Program {
    Program::new("git").without(&cx.environment.git_variables)
}

/// Git's program with neither of them, for repositories of our own.
pub fn git(cx: &Context) -> Program {
    let program = users_git(cx).variable("GIT_CONFIG_NOSYSTEM", "1");
    // Some of its words are read.
    let program = program.variable("GIT_CONFIG_GLOBAL", "/dev/null").variable("LC_ALL", "C");
    program.variable("GIT_TERMINAL_PROMPT", "0")
}
