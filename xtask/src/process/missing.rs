//! Why a program cannot be started.

use std::io::{self, ErrorKind};

use super::Program;
use crate::failure::Failure;

impl Program {
    /// Why `error` came of starting it.
    pub(super) fn cannot_start(&self, error: io::Error) -> anyhow::Error {
        let name = self.path.display();
        match &self.dir {
            // The system says the same of either.
            Some(dir) if !dir.is_dir() => {
                let message = format!("there is no folder `{}` to run `{name}` in", dir.display());
                Failure::missing(message).help("name one that is there").into()
            }
            _ if error.kind() == ErrorKind::NotFound && self.path.components().count() == 1 => {
                let message = format!("`{name}` is not installed: it is in no folder of PATH");
                Failure::missing(message).help(format!("install `{name}`, or put it in PATH")).into()
            }
            _ => {
                let help = help(&name.to_string(), error.kind());
                anyhow::Error::from(error)
                    .context(Failure::missing(format!("cannot start `{name}`")).help(help))
            }
        }
    }
}

/// What to do about `program`, which is there, or named by its path.
fn help(program: &str, kind: ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound => format!("install `{program}`, or put it in PATH"),
        ErrorKind::PermissionDenied => {
            format!("make `{program}` executable, or put another one in front of it in PATH")
        }
        _ => format!("see that `{program}` is installed in full, and that memory and open files are left"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::context::Context;
    use crate::failure::{Exit, exit_of};

    #[test]
    fn what_is_missing_is_told_apart() {
        let fails = |program: Program| {
            let error = program.read(&Context::for_tests()).unwrap_err();
            assert_eq!(exit_of(&error), Exit::Missing, "{error:#}");
            format!("{error:#}")
        };
        let absent = "`no-such-program` is not installed: it is in no folder of PATH";
        assert_eq!(fails(Program::new("no-such-program")), absent);
        let nowhere = Program::new("true").dir(Path::new("/no/such/folder"));
        assert_eq!(fails(nowhere), "there is no folder `/no/such/folder` to run `true` in");
        assert_eq!(
            fails(Program::new("/dev/null")),
            "cannot start `/dev/null`: Permission denied (os error 13)"
        );
    }
}
