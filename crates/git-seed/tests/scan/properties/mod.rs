//! What holds for every archive.

mod links;
mod mutations;
mod trees;
