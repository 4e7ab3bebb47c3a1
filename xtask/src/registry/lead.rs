//! Where a redirect leads.

use ureq::http::Uri;

/// The address that `location` means in an answer from `base` (RFC 9110,
/// 10.2.2); none if it is not an address, or a path relative to another.
pub fn follow(base: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next()?;
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    let whole = if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        location.to_owned()
    };
    whole.parse().ok().filter(|uri: &Uri| uri.scheme().is_some() && uri.authority().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_addresses_and_paths() {
        let base = "https://registry.example:8443/v2/a/blobs/x".parse().unwrap();
        for (location, expected) in [
            ("https://cdn.example/x?a=b#c", Some("https://cdn.example/x?a=b")),
            ("//cdn.example/x", Some("https://cdn.example/x")),
            ("/elsewhere?n=1", Some("https://registry.example:8443/elsewhere?n=1")),
            ("elsewhere", None),
            ("", None),
            ("https://a b/", None),
        ] {
            assert_eq!(follow(&base, location).map(|uri| uri.to_string()).as_deref(), expected, "{location}");
        }
    }
}
