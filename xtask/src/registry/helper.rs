//! Programs that keep credentials for Docker's client.

use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::credentials::Credentials;
use crate::failure::Failure;
use crate::process::Program;

/// How long one may take: it may ask the user to unlock something.
const PATIENCE: Duration = Duration::from_mins(1);
/// The user's name, where a helper keeps a token to get others with.
const TOKEN: &str = "<token>";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: Zeroizing<String>,
    secret: Zeroizing<String>,
}

/// What the helper `name` has for the registry `host`: `docker-credential-NAME
/// get`, of Docker's protocol for credential helpers.
pub fn ask(name: &str, host: &str) -> anyhow::Result<Option<Credentials>> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !name.bytes().all(is_plain) {
        return Err(Failure::missing("the credential helper has a name that no program has").into());
    }
    let program = Program::new(format!("docker-credential-{name}")).args(["get"]);
    let (succeeded, answer) = program.converse(host, PATIENCE)?;
    let answer = Zeroizing::new(answer);
    let failed = |why: &str| {
        Failure::missing(format!("the credential helper `{name}` {why}"))
            .help(format!("run `docker login {host}`, or give credentials with `--registry-credentials`"))
    };
    if !succeeded {
        // It says so on its standard output, which is not shown: it may be a secret.
        let is_absent = answer.to_ascii_lowercase().contains("credentials not found");
        return if is_absent { Ok(None) } else { Err(failed("failed").into()) };
    }
    let Answer { username, secret } =
        serde_json::from_str(&answer).ok().with_context(|| failed("does not answer as it should"))?;
    if *username == TOKEN {
        return Err(failed("keeps a token, which this program cannot use").into());
    }
    let origin = format!("the user whom the credential helper `{name}` keeps");
    Ok(Some(Credentials::new(&username, &secret, origin)))
}
