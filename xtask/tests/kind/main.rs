//! The real kind in a real Docker, with nodes of the test bed: etcd, the API
//! server and MetalLB's controller are real in them, a kubelet and what it
//! would run are not; `testbed/kind-node/main.go` tells all of it.
//!
//! `cargo xtask test kind` provides what [`bed`] reads from the environment.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]
#![allow(clippy::disallowed_methods, reason = "tests read the environment and start programs")]

#[path = "../fixture/client.rs"]
mod client;
#[allow(dead_code, reason = "the tests of the router use more of it")]
#[path = "../docker/docker.rs"]
mod docker;
#[path = "../fixture/files.rs"]
mod files;
#[path = "../fixture/processes.rs"]
mod processes;
#[path = "../traefik/stand_in.rs"]
mod stand_in;
#[path = "../support/mod.rs"]
mod support;
#[path = "../fixture/wait.rs"]
mod wait;
#[path = "../fixture/watch.rs"]
mod watch;

mod addresses;
mod api;
mod bed;
mod bench;
mod daemon;
mod ended;
mod failures;
mod foreign;
mod leftovers;
mod live_files;
mod moments;
mod neighbours;
mod own;
mod platform;
mod real_services;
mod rendered;
mod restart;
mod settings;
mod smoke;
mod states;
mod user_kubeconfig;
mod waiting;
mod workspace;
