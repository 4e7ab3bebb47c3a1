//! Who we are to Gitea.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::ServerArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::https::basic;

/// Longest file with a password or token, in bytes.
const MAX_FILE: u64 = 4096;

/// Who we are to Gitea. Never shown.
#[derive(Clone)]
pub enum Credentials {
    /// An account by its password.
    Password {
        /// The account.
        user: String,
        /// Its password.
        password: SecretString,
    },
    /// An account by a token, which says whose it is.
    Token(SecretString),
}

impl Credentials {
    /// The value of the header `Authorization`.
    pub fn header(&self) -> Zeroizing<String> {
        match self {
            Self::Password { user, password } => basic(user, password.expose_secret()),
            Self::Token(token) => Zeroizing::new(format!("token {}", token.expose_secret())),
        }
    }

    /// What the flags name for the account `user`, if they name anything.
    pub fn given(cx: &Context, args: &ServerArgs, user: &str) -> anyhow::Result<Option<Self>> {
        if let Some(path) = &args.token_file {
            return read(cx, "--token-file", path).map(|token| Some(Self::Token(token)));
        }
        let Some(path) = &args.password_file else { return Ok(None) };
        let password = read(cx, "--password-file", path)?;
        Ok(Some(Self::Password { user: user.to_owned(), password }))
    }
}

/// The file's one line.
fn read(cx: &Context, flag: &str, path: &Path) -> anyhow::Result<SecretString> {
    let shown = cx.shown(path);
    let wrong = |why: &str| Failure::usage(format!("`{shown}` of `{flag}` {why}"));
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(MAX_FILE)? + 1));
    let read = File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_string(&mut text));
    read.with_context(|| wrong("cannot be read").help("name a file with nothing in it but the secret"))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.len() as u64 > MAX_FILE || line.chars().any(char::is_control) {
        let help = "name a file with nothing in it but the secret, in one line";
        return Err(wrong("does not hold one line of text").help(help).into());
    }
    Ok(SecretString::from(line))
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password { user, .. } => write!(f, "the password of account `{user}`"),
            Self::Token(_) => f.write_str("the token"),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password { user, .. } => {
                f.debug_struct("Password").field("user", user).finish_non_exhaustive()
            }
            Self::Token(_) => f.debug_struct("Token").finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_sent_and_not_shown() {
        let password = SecretString::from("hush:hush");
        let credentials = Credentials::Password { user: "argocd".into(), password };
        assert_eq!(*credentials.header(), "Basic YXJnb2NkOmh1c2g6aHVzaA==");
        let token = Credentials::Token(SecretString::from("hush"));
        assert_eq!(*token.header(), "token hush");
        for shown in [format!("{credentials:?} {credentials}"), format!("{token:?} {token}")] {
            assert!(!shown.contains("hush"), "{shown}");
        }
    }

    #[test]
    fn a_file_holds_one_line() {
        let cx = Context::for_tests();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let of = |text: &str| {
            std::fs::write(&path, text).unwrap();
            read(&cx, "--token-file", &path).map(|secret| secret.expose_secret().to_owned())
        };
        for text in ["a b", "a b\n", "a b\r\n"] {
            assert_eq!(of(text).unwrap(), "a b");
        }
        for text in ["", "\n", "a\nb", "a\n\n", &"x".repeat(5000)] {
            let error = of(text).unwrap_err();
            assert!(error.to_string().contains("one line") && !error.to_string().contains("xx"), "{error}");
        }
    }
}
