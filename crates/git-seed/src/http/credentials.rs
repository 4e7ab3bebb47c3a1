//! Who we are to a server.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

/// A user and a token, or password, for Basic authentication. Never shown, and
/// wiped from memory in the end.
#[derive(Clone)]
pub struct Credentials(Zeroizing<String>);

impl Credentials {
    /// Takes a user's name, which has no colon, and a token.
    pub fn basic(user: &str, token: &str) -> Self {
        let mut plain = Zeroizing::new(String::with_capacity(user.len() + token.len() + 1));
        plain.extend([user, ":", token]);
        let mut header = Zeroizing::new(String::with_capacity(plain.len() * 2 + 16));
        header.push_str("Basic ");
        BASE64_STANDARD.encode_string(plain.as_bytes(), &mut header);
        Self(header)
    }

    pub(super) fn header(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}
