//! Programs that are asked or told something without a word to the user.

use std::time::Duration;

use anyhow::Context as _;

use super::Program;
use crate::failure::Failure;
use crate::printable::one_line;

impl Program {
    /// Runs it to its end without a word, also after the user asked to stop: to
    /// look, or to take away what was made. Returns its standard output; fails
    /// unless it succeeds within `patience`.
    pub fn quietly(&self, patience: Duration) -> anyhow::Result<String> {
        let expression = self.expression().stdin_null().stdout_capture().stderr_capture().unchecked();
        let handle = expression.start().map_err(|error| self.cannot_start(error))?;
        let ended = handle.wait_timeout(patience).with_context(|| format!("cannot wait for `{self}`"))?;
        let Some(output) = ended else {
            // An error here leaves nothing to do.
            let _ = handle.kill();
            return Err(Failure::timed_out(format!("`{self}` was still running after {patience:?}")).into());
        };
        if !output.status.success() {
            let said = one_line(&String::from_utf8_lossy(&output.stderr));
            return Err(Failure::failed(format!("`{self}` failed: {}: {said}", output.status)).into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it to its end without a word and with `said` as its standard input:
    /// whether it succeeded, and its standard output, which is never shown.
    /// Fails if it does not end within `patience`.
    pub fn converse(&self, said: &str, patience: Duration) -> anyhow::Result<(bool, String)> {
        let expression = self.expression().stdin_bytes(said).stdout_capture().stderr_null().unchecked();
        let handle = expression.start().map_err(|error| self.cannot_start(error))?;
        let ended = handle.wait_timeout(patience).with_context(|| format!("cannot wait for `{self}`"))?;
        let Some(output) = ended else {
            // An error here leaves nothing to do.
            let _ = handle.kill();
            return Err(Failure::timed_out(format!("`{self}` was still running after {patience:?}")).into());
        };
        Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Exit, exit_of};

    const PATIENCE: Duration = Duration::from_mins(1);

    #[test]
    fn what_it_says_is_in_the_answer_or_in_the_error() {
        let sh = |script: &str| Program::new("sh").args(["-c", script]).quietly(PATIENCE);
        assert_eq!(sh("echo yes; echo no >&2").unwrap(), "yes\n");
        let error = sh("echo yes; printf 'no\\n\\033[1mno\\n' >&2; exit 3").unwrap_err().to_string();
        assert!(error.ends_with("failed: exit status: 3: no; [1mno"), "{error}");
    }

    #[test]
    fn it_is_told_something_and_answers() {
        let sh = |script: &str| Program::new("sh").args(["-c", script]).converse("host", PATIENCE).unwrap();
        assert_eq!(sh("read line; echo \"got $line\""), (true, "got host\n".to_owned()));
        assert_eq!(sh("echo no; exit 1"), (false, "no\n".to_owned()));
    }

    #[test]
    fn one_that_does_not_end_is_given_up() {
        let error = Program::new("sleep").args(["600"]).quietly(Duration::from_millis(10)).unwrap_err();
        assert_eq!(exit_of(&error), Exit::TimedOut);
    }
}
