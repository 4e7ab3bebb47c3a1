//! One crafted archive for each fault that must be found.

mod headers;
mod kinds;
mod limits;
mod links;
mod overlaps;
mod paths;
mod streams;
