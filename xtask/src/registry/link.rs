//! Where the next page of a list is (RFC 8288).

/// The address of the relation `next` in a header `Link`.
pub fn next(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (address, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |parameter: &str| matches!(parameter.trim(), "rel=\"next\"" | "rel=next");
        parameters.split(';').any(is_next).then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_next_page_alone() {
        assert_eq!(next("</v2/a/tags/list?last=1&n=2>; rel=\"next\""), Some("/v2/a/tags/list?last=1&n=2"));
        assert_eq!(next("</first>; rel=\"first\", </n>;rel=next"), Some("/n"));
        assert_eq!(next("</first>; rel=\"first\""), None);
        assert_eq!(next("next"), None);
    }
}
