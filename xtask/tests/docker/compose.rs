//! Which Compose is taken.

use std::env;
use std::os::unix::fs::symlink;

use crate::router::{Compose, Router};

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn version_2_is_preferred_where_both_are() {
    let router = Router::new(Compose::V2);
    let standalone = env::var_os("XTASK_TEST_COMPOSE_V1").unwrap();
    symlink(standalone, router.checkout.root().join("bin/docker-compose")).unwrap();
    let ran = router.start(&["--dry-run"]).run().exits(0);
    assert!(ran.text().contains(&format!(" docker compose -p {} ", router.project())), "{}", ran.text());
}
