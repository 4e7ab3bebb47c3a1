//! The engine `traefik` in a real Docker, brought up by each version of Compose.
//!
//! Docker has the image of the profile `coder`; `XTASK_TEST_COMPOSE_V1` names
//! the program `docker-compose`, `XTASK_TEST_COMPOSE_V2` the plug-in of
//! Docker's client. `cargo xtask test` provides all of it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]
#![allow(clippy::disallowed_methods, reason = "tests read the environment and start programs")]

#[path = "../support/mod.rs"]
mod support;

#[path = "../traefik/stand_in.rs"]
mod stand_in;

#[path = "../fixture/processes.rs"]
mod processes;
#[path = "../fixture/services.rs"]
mod services;
#[path = "../fixture/wait.rs"]
mod wait;
#[path = "../fixture/watch.rs"]
mod watch;
#[path = "../traefik/web.rs"]
mod web;

mod bridge;
mod cluster;
mod cluster_bed;
mod cluster_load;
mod compose;
mod docker;
mod endpoint;
mod faults;
mod files;
mod front;
mod interrupt;
mod life;
mod registry;
mod router;
mod sandbox;
mod sandbox_bed;
mod sandbox_refusals;
mod traffic;

use router::Compose;

/// Runs each function with each version of Compose.
macro_rules! with_each_compose {
    ($($module:ident: $($name:ident),+;)+) => {
        mod compose_v1 {
            $($(
                #[test]
                #[ignore = "needs Docker; run by cargo xtask test"]
                fn $name() { crate::$module::$name(crate::Compose::V1) }
            )+)+
        }
        mod compose_v2 {
            $($(
                #[test]
                #[ignore = "needs Docker; run by cargo xtask test"]
                fn $name() { crate::$module::$name(crate::Compose::V2) }
            )+)+
        }
    };
}

with_each_compose! {
    life: starts_once_and_stops_once, comes_back_after_a_stop_by_hand, stops_what_was_removed_by_hand,
        stops_without_its_files, goes_down_with_a_profile_that_is_broken, other_settings_want_a_restart, two_starts_are_one;
    interrupt: ctrl_c_leaves_nothing, ctrl_c_at_once_leaves_nothing, a_deadline_leaves_nothing;
    faults: an_image_that_cannot_be_pulled_is_named, one_that_ends_tells_why, what_compose_says_is_shown;
    registry: an_absent_image_is_pulled_once, a_digest_that_the_registry_lacks_is_refused;
    bridge: serves_in_the_network_of_kind;
    cluster: starts_and_leaves_nothing, a_start_that_was_killed_is_healed;
    sandbox: serves_external_names_beside_internal_ones;
}
