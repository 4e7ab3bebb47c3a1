//! A Gitea for `bench seed`: smart HTTP over TLS, with git's own `http-backend`
//! behind it.
//!
//! Its arguments are names of repositories that it makes. It prints
//! `{"url":…,"authority":…,"token":…,"owner":…,"root":…}`: its address, the
//! certificate that it is trusted by, a token that may do anything, whose
//! repositories these are, and the folder that has each as `OWNER/NAME.git`.
//!
//! It ends with its input. The folder is in `TMPDIR`.
#![expect(clippy::disallowed_methods, reason = "a program of its own: standard output is how it answers")]

use std::env;
use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use fake_gitea::{ADMIN, Certificate, FakeGitea, Options};
use rustix::process::{Signal, set_parent_process_death_signal};
use serde_json::json;

fn main() -> Result<()> {
    // Without its caller there is nobody to answer.
    set_parent_process_death_signal(Some(Signal::TERM))?;
    let certificate = Certificate::signed();
    let authority = certificate.authority_pem().to_owned();
    let options = Options { certificate: Some(certificate), ..Options::default() };
    let gitea = FakeGitea::start_with(options).context("no port of 127.0.0.1 is free")?;
    for name in env::args().skip(1) {
        gitea.add_repository(ADMIN, &name);
    }
    let token = gitea.add_token(ADMIN, "bench", &["all"]);
    let said = json!({
        "url": gitea.url(),
        "authority": authority,
        "token": token,
        "owner": ADMIN,
        "root": gitea.root(),
    });
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{said}")?;
    stdout.flush()?;
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(())
}
