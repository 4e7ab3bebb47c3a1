//! Passwords that nobody has to remember.

use rustls::crypto::ring;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Characters of a password: 190 bits.
const LENGTH: usize = 32;
/// What it is made of: nothing that a shell, a URL or YAML could take otherwise.
const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Bytes from here on would make some letters likelier than others.
const UNBIASED: u8 = 248;

/// A new one, from the operating system's generator: letters and digits, with
/// a capital, a small letter and a digit among them, as Gitea may be set to ask.
pub fn generate() -> anyhow::Result<SecretString> {
    loop {
        let password = draw()?;
        let has = |is: fn(&u8) -> bool| password.iter().any(is);
        if has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit) {
            return Ok(SecretString::from(std::str::from_utf8(&password[..])?));
        }
    }
}

/// Eight hexadecimal digits that are hardly ever the same; no secret.
pub fn tag() -> anyhow::Result<String> {
    let mut bytes = [0; 4];
    fill(&mut bytes)?;
    Ok(format!("{:08x}", u32::from_le_bytes(bytes)))
}

fn fill(bytes: &mut [u8]) -> Result<(), Failure> {
    let filled = ring::default_provider().secure_random.fill(bytes);
    filled.map_err(|_| Failure::missing("the operating system gives no random numbers"))
}

fn draw() -> anyhow::Result<Zeroizing<[u8; LENGTH]>> {
    let mut password = Zeroizing::new([0; LENGTH]);
    let mut filled = 0;
    let mut bytes = Zeroizing::new([0_u8; 2 * LENGTH]);
    while filled < LENGTH {
        fill(&mut bytes[..])?;
        for byte in bytes.iter().filter(|byte| **byte < UNBIASED).take(LENGTH - filled) {
            password[filled] = LETTERS[usize::from(*byte) % LETTERS.len()];
            filled += 1;
        }
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn each_is_another_and_of_all_letters() {
        let passwords: BTreeSet<String> =
            (0..200).map(|_| generate().unwrap().expose_secret().to_owned()).collect();
        assert_eq!(passwords.len(), 200);
        for password in &passwords {
            assert!(password.len() == LENGTH && password.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
        // 6400 letters: that one of 62 is not among them has a chance of 1 in 10^43.
        let used: BTreeSet<char> = passwords.iter().flat_map(|password| password.chars()).collect();
        assert_eq!(used.len(), LETTERS.len());
    }

    #[test]
    fn no_letter_is_likelier_than_another() {
        assert_eq!(usize::from(UNBIASED) % LETTERS.len(), 0);
        assert!(usize::from(UNBIASED) + LETTERS.len() > 256, "as few as possible are thrown away");
    }
}
