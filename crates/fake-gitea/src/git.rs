//! Runs git in repositories, as somebody who sits at the server.
#![expect(clippy::disallowed_methods, reason = "git is what this room starts")]

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::Path,
    process::{Command, Output, Stdio},
};

/// What of the environment would lead git elsewhere, or change what it does.
pub const REMOVED: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_TRACE",
    "GIT_CONFIG_PARAMETERS",
];
/// No configuration but the repository's.
pub const SET: [(&str, &str); 3] =
    [("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_TERMINAL_PROMPT", "0")];

/// Runs it in `dir` with `input`; an error has what it said.
pub fn run(dir: &Path, args: &[&str], input: &[u8]) -> io::Result<String> {
    let mut command = Command::new("git");
    for name in REMOVED {
        command.env_remove(name);
    }
    command.arg("-C").arg(dir).args(args).envs(SET);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    // What is written is little, and read before anything is said.
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input)?;
    }
    let Output { status, stdout, stderr } = child.wait_with_output()?;
    if status.success() {
        return String::from_utf8(stdout).map_err(io::Error::other);
    }
    Err(io::Error::other(format!("git {}: {status}: {}", args.join(" "), String::from_utf8_lossy(&stderr))))
}

/// Commits files, with path and content, on top of a branch or as its first
/// commit; returns the commit's id.
pub fn commit(dir: &Path, branch: &str, files: &[(&str, &str)]) -> io::Result<String> {
    let name = format!("refs/heads/{branch}");
    let parent = crate::repository::head(dir, branch);
    let message = "Change something";
    let mut stream = format!(
        "commit {name}\nmark :1\ncommitter Another Writer <writer@gitea.invalid> 1700000000 +0000\n\
         data {}\n{message}\n",
        message.len()
    );
    // Writing to a string does not fail.
    if let Some(parent) = &parent {
        let _ = writeln!(stream, "from {parent}");
    }
    for (path, content) in files {
        let _ = writeln!(stream, "M 100644 inline {path}\ndata {}\n{content}", content.len());
    }
    stream.push_str("get-mark :1\ndone\n");
    let printed = run(dir, &["fast-import", "--quiet", "--done"], stream.as_bytes())?;
    Ok(printed.trim_end().to_owned())
}
