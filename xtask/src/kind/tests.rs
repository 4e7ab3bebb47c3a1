//! What kind is given, as a whole.

use std::path::{Path, PathBuf};

use super::*;
use crate::context::Context;

/// The profile `coder` of this repository, with overrides.
pub fn coder(overrides: &[&str]) -> Context {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut cx = Context::for_tests();
    cx.environment.root = root.to_owned();
    cx.environment.home = Some(PathBuf::from("/home/me"));
    cx.choice.name = "coder".to_owned();
    cx.overriding(overrides.iter().map(|&it| it.to_owned()))
}

#[test]
fn the_configuration_is_as_recorded() {
    let config = Config::of(&coder(&[])).unwrap();
    println!("{}", config.yaml);
}
