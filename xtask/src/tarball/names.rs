//! Many names in one message.

use crate::near::quoted;

/// How many a message has at most.
const SHOWN: usize = 10;

/// The first names, and how many there are more.
pub fn some(names: &[String]) -> String {
    let first = quoted(names.iter().take(SHOWN).map(String::as_str));
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_is_counted() {
        let names: Vec<String> = (1..=12).map(|number| number.to_string()).collect();
        assert_eq!(some(&names[..2]), "`1`, `2`");
        assert!(some(&names).ends_with("`10` and 2 more"), "{}", some(&names));
    }
}
