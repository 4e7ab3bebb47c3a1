//! The version of a package, by that of a release.

use crate::tarball::is_version;

/// The version of Debian's that stands for a release's.
///
/// A leading `v` goes. The first `-` begins a pre-release, which comes before
/// the release itself: `~`; each after that is a `.`, for Debian takes a `-` for
/// the beginning of its own revision. `_`, which stands for `+` where a registry
/// takes none, is a `+` again.
///
/// # Errors
///
/// One sentence, where it is no version, or does not begin with a digit
/// (Debian's Policy, 5.6.12).
pub fn debian_version(release: &str) -> Result<String, String> {
    if !is_version(release) {
        return Err("it is not a version: letters, digits and `._+-`".to_owned());
    }
    let number = release.strip_prefix(['v', 'V']).unwrap_or(release);
    if !number.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(format!("`{release}` does not begin with a digit, as versions of packages do"));
    }
    let mut is_core = true;
    let mapped = number.chars().map(|letter| {
        let mapped = match letter {
            '-' if is_core => '~',
            '-' => '.',
            '_' => '+',
            other => other,
        };
        is_core &= !"-+_".contains(letter);
        mapped
    });
    Ok(mapped.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_release_has_the_version_that_sorts_as_it_does() {
        for (release, version) in [
            ("3.1.0", "3.1.0"),
            ("v2026.1.0", "2026.1.0"),
            ("v2026.1.0-dev-abc", "2026.1.0~dev.abc"),
            ("2026.1.0-rc1+build-7", "2026.1.0~rc1+build.7"),
            ("2026.1.0+build-7", "2026.1.0+build.7"),
            ("3.1.0-dev_abc-1", "3.1.0~dev+abc.1"),
            ("0.1.0-sample", "0.1.0~sample"),
        ] {
            assert_eq!(debian_version(release).as_deref(), Ok(version));
        }
    }

    #[test]
    fn what_would_be_more_than_a_version_is_refused() {
        for text in [
            "",
            "v",
            "main",
            "dev-1.0",
            "1:2.0",
            "1 2",
            "1.0\nDepends: x",
            "../1",
            "1/../2",
            "1.0;rm",
            "1$(id)",
            "{{version}}",
            "1.0ä",
            "~1",
            "-1",
        ] {
            assert!(debian_version(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_but_what_debian_takes_comes_out(text in "[v0-9].{0,20}|.{0,20}|v?[0-9][0-9a-z._+-]{0,20}") {
            if let Ok(version) = debian_version(&text) {
                prop_assert!(version.starts_with(|first: char| first.is_ascii_digit()));
                let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".+~".contains(&byte);
                prop_assert!(version.bytes().all(allowed), "{}", version);
            }
        }
    }
}
