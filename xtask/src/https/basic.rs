//! Basic authentication (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The value of the header `Authorization`. It is a secret, and so is all that
/// it is made of on the way.
pub fn basic(user: &str, password: &str) -> Zeroizing<String> {
    let plain = Zeroizing::new(format!("{user}:{password}"));
    Zeroizing::new(format!("Basic {}", *Zeroizing::new(STANDARD.encode(plain.as_bytes()))))
}
