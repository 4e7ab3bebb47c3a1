//! Load generator for comparisons of SNI routers.

fn main() {}
