//! Git's program, as every user has it, without what its user has set.

use crate::context::Context;
use crate::process::Program;

/// Git's program, with neither the user's configuration nor the variables that
/// lead it to a repository: a hook that calls us has them.
pub fn git(cx: &Context) -> Program {
    let program = Program::new("git").variable("GIT_CONFIG_NOSYSTEM", "1");
    let program = program.variable("GIT_CONFIG_GLOBAL", "/dev/null").variable("GIT_TERMINAL_PROMPT", "0");
    program.without(&cx.environment.git_variables)
}
