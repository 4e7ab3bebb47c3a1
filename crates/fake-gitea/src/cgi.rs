//! Runs git's own `http-backend`.

use std::{io, path::Path, process::Stdio};

use futures_util::{StreamExt, stream};
use hyper::body::Bytes;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{ChildStdin, ChildStdout, Command},
    sync::watch,
};

use crate::{answer::Answer, git, request::Request, upload::Upload};

/// How much is read of its answer at once.
const PIECE: usize = 64 * 1024;

/// A request as `http-backend` is told of it.
#[derive(Debug)]
pub struct Call<'a> {
    /// Where the repositories are.
    pub root: &'a Path,
    /// The path of the request as that of a file below `root`.
    pub path: String,
    pub request: &'a Request,
    /// More variables, for hooks.
    pub variables: Vec<(&'static str, String)>,
    /// How many run.
    pub running: watch::Sender<usize>,
}

/// Answers as `http-backend` does. Its answer begins while the body still comes.
pub async fn run(call: Call<'_>, upload: Upload) -> io::Result<Answer> {
    let mut child = command(&call).spawn()?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    call.running.send_modify(|running| *running += 1);
    tokio::spawn(async move {
        // It is over when its input or its reader is gone.
        let _ = child.wait().await;
        call.running.send_modify(|running| *running -= 1);
    });
    let (stdin, stdout) = stdin.zip(stdout).ok_or(io::ErrorKind::BrokenPipe)?;
    tokio::spawn(feed(stdin, upload));
    answer(stdout).await
}

fn command(call: &Call<'_>) -> Command {
    let Call { root, path, request, .. } = call;
    let header = |name: &str| request.header(name).unwrap_or_default();
    let mut command = Command::new("git");
    for name in git::REMOVED {
        command.env_remove(name);
    }
    command.arg("http-backend").envs(git::SET);
    command.env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1").env("PATH_INFO", path);
    command.env("REQUEST_METHOD", &request.method).env("QUERY_STRING", &request.query);
    command.env("CONTENT_TYPE", header("content-type")).env("REMOTE_ADDR", "127.0.0.1");
    command
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"));
    // The length is never told: the body ends where the input ends.
    command.env_remove("CONTENT_LENGTH").envs(call.variables.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Passes the body on. What it does not want is read nevertheless, so that the
/// client comes to the answer.
async fn feed(mut stdin: ChildStdin, mut upload: Upload) {
    while let Some(Ok(piece)) = upload.next().await {
        if stdin.write_all(&piece).await.is_err() {
            drop(stdin);
            return upload.drain().await;
        }
    }
}

async fn answer(stdout: ChildStdout) -> io::Result<Answer> {
    let mut stdout = BufReader::with_capacity(PIECE, stdout);
    let (mut code, mut headers) = (200, Vec::new());
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name == "Status" {
            let said = value.split(' ').next().and_then(|code| code.parse().ok());
            code = said.ok_or(io::ErrorKind::InvalidData)?;
            continue;
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    let pieces = stream::try_unfold(stdout, async |mut stdout| {
        let mut piece = Vec::with_capacity(PIECE);
        let length = stdout.read_buf(&mut piece).await?;
        Ok((length > 0).then(|| (Bytes::from(piece), stdout)))
    });
    let answer = Answer::pieces(code, pieces.boxed());
    Ok(headers.iter().fold(answer, |answer, (name, value)| answer.header(name, value)))
}
