//! Which Docker the router is in.

use std::env;
use std::os::unix::fs::symlink;

use crate::router::{Compose, Router};

/// The socket of the Docker that tests use.
fn socket() -> String {
    let host = env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    host.strip_prefix("unix://").expect("the Docker of the tests is at a socket").to_owned()
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn later_calls_go_where_the_router_was_started() {
    let router = Router::new(Compose::V2);
    // Another path, so that it is known which one was taken.
    let link = router.checkout.root().join("docker.sock");
    symlink(socket(), &link).unwrap();
    let host = format!("unix://{}", link.display());
    router.start(&[]).env("DOCKER_HOST", &host).run().exits(0);

    let other = format!("unix://{}", router.checkout.root().join("other.sock").display());
    let (here, there) = ("unix://[ROOT]/docker.sock", "unix://[ROOT]/other.sock");
    for verb in ["status", "stop"] {
        router.call(&["router", verb]).env("DOCKER_HOST", &other).run().exits(5).stderr(format!(
            "error: the router was started in the Docker at `{here}`, not at `{there}`\n\
             help: stop it there first: `DOCKER_HOST={here} cargo xtask router stop`; \
             if that Docker is gone for good, remove `.xtask/coder/router.json`\n"
        ));
    }
    // Nothing is chosen.
    let call = |args: &[&str]| router.call(args).env("DOCKER_HOST", "");
    std::fs::remove_file(&link).unwrap();
    let ran = call(&["router", "stop"]).run().exits(3);
    assert!(ran.errors().contains(&format!("Docker does not answer at `{host}`")), "{}", ran.errors());
    symlink(socket(), &link).unwrap();
    call(&["router", "restart", "--no-watch"]).run().exits(0);
    assert_eq!(router.containers().len(), 1);
    call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    assert_eq!(router.containers(), [""; 0]);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_file_of_somebody_else_blocks_nothing() {
    let router = Router::new(Compose::V2);
    router.checkout.write(
        &router.file("dynamic/theirs.yml"),
        "tcp:\n  routers:\n    theirs:\n      rule: \"HostSNI(`theirs.example`)\"\n      service: theirs\n  \
         services:\n    theirs:\n      loadBalancer:\n        servers:\n          - address: \"127.0.0.1:9\"\n",
    );
    let started = router.start(&["--format", "json"]).run().exits(0).json();
    assert_eq!(started["change"], "started");
    assert_eq!(router.status()["table"].as_array().unwrap().len(), crate::router::ROUTES.len());
}
