//! Watches objects, and keeps what was last seen of them.
