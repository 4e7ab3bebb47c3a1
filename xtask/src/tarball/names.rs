//! Many names in one message.

use crate::near::first_of;

/// How many a message has at most.
const SHOWN: usize = 10;

/// The first names, and how many there are more.
pub fn some(names: &[String]) -> String {
    first_of(SHOWN, names.iter().map(|name| format!("`{name}`")))
}
