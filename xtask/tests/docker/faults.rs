//! What is missing or in the way, each with its exit status and message.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;

use crate::docker::{Image, docker};
use crate::router::{Compose, Router};

const COMPOSE_HELP: &str = "help: install it with `sudo apt-get install docker-compose`\n";

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_docker_that_is_down_is_named() {
    let router = Router::new(Compose::V2);
    let socket = router.checkout.root().join("docker.sock");
    let host = format!("unix://{}", socket.display());
    let said = "unix://[ROOT]/docker.sock";
    let help = "help: start it, or choose another with DOCKER_HOST or `docker context use NAME`\n";
    for cause in ["No such file or directory (os error 2)", "Connection refused (os error 111)"] {
        for verb in ["status", "stop"] {
            let ran = router.call(&["router", verb]).env("DOCKER_HOST", &host).run().exits(3);
            ran.stderr(format!("error: Docker does not answer at `{said}`\ncause: {cause}\n{help}"));
        }
        let ran = router.start(&[]).env("DOCKER_HOST", &host).run().exits(3).stdout("");
        ran.stderr(format!("error: Docker does not answer at `{said}`\ncause: {cause}\n{help}"));
        if !socket.exists() {
            // It stays behind, as after a crash.
            drop(UnixListener::bind(&socket).unwrap());
        }
    }
    assert!(!router.checkout.root().join("compose").exists());
    router.start(&[]).env("DOCKER_HOST", "ssh://far").run().exits(3).stdout("").stderr(
        "error: the Docker at `ssh://far` cannot be used: \
         it is no Unix socket or loopback address\n\
         help: choose one of this machine: `DOCKER_HOST=unix:///var/run/docker.sock`\n",
    );
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_docker_that_does_not_answer_is_given_up() {
    let router = Router::new(Compose::V2);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("tcp://{}", listener.local_addr().unwrap());
    let ran = router.call(&["router", "status", "--timeout", "1s"]).env("DOCKER_HOST", host).run().exits(4);
    ran.stderr("error: the time was up while waiting for Docker\nhelp: give it more time with `--timeout`\n");
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn the_docker_of_the_current_context_is_taken() {
    let router = Router::new(Compose::V2);
    let config = router.checkout.root().join(".docker");
    let config = config.to_str().unwrap();
    docker([
        "--config",
        config,
        "context",
        "create",
        "far",
        "--docker",
        "host=unix:///nonexistent/docker.sock",
    ]);
    docker(["--config", config, "context", "use", "far"]);
    let ran = router.start(&[]).env("DOCKER_HOST", "").run().exits(3).stdout("");
    ran.stderr(
        "error: Docker does not answer at `unix:///nonexistent/docker.sock`\n\
         cause: No such file or directory (os error 2)\n\
         help: start it, or choose another with DOCKER_HOST or `docker context use NAME`\n",
    );
    let ran =
        router.start(&[]).env("DOCKER_HOST", "").env("DOCKER_CONTEXT", "nobody").run().exits(3).stdout("");
    assert!(ran.errors().contains("error: cannot tell where the Docker of context `nobody` is\n"));
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn compose_has_to_be_there() {
    let router = Router::new(Compose::V1);
    fs::remove_file(router.checkout.root().join("bin/docker-compose")).unwrap();
    let ran = router.start(&[]).run().exits(3).stdout("");
    ran.stderr(format!(
        "error: Docker Compose is missing: neither `docker compose` nor `docker-compose` works\n{COMPOSE_HELP}"
    ));
    assert!(!router.checkout.root().join("compose").exists());
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_port_that_is_taken_is_named() {
    let router = Router::new(Compose::V2);
    for (address, other) in [
        (router.https, "--set router.ports.https=8443"),
        (router.raw, "--set router.ports.raw=8444"),
        (router.api, "--set router.api_port=8098"),
    ] {
        let taken = TcpListener::bind(address).unwrap();
        let pid = std::process::id();
        router.start(&[]).run().exits(3).stdout("").stderr(format!(
            "error: cannot listen on `{address}`: process {pid} (`[..]`) has the port\n\
             cause: Address already in use (os error 98)\n\
             help: end that process, or choose another port: `{other}`\n"
        ));
        drop(taken);
    }
    assert!(!router.checkout.root().join("compose").exists());
    assert_eq!(router.containers(), [""; 0]);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn an_address_of_another_machine_is_refused() {
    let router = Router::new(Compose::V2);
    let ran = router.start(&["--set", "router.bind=203.0.113.1"]).run().exits(3).stdout("");
    assert!(ran.errors().starts_with("error: `203.0.113.1` is not an address of this machine\n"));
}

pub fn an_image_that_cannot_be_pulled_is_named(compose: Compose) {
    let router = Router::new(compose);
    // Nobody is a registry there; a digest pins as well as a tag.
    let digest = "0123456789abcdef".repeat(4);
    for image in ["127.0.0.1:1/traefik:v0".to_owned(), format!("127.0.0.1:1/traefik@sha256:{digest}")] {
        let ran = router.start(&["--image", &image]).run().exits(3).stdout("");
        ran.stderr(format!(
            "image `{image}` is not there; it will be pulled\n\
             pulling image `{image}`\n\
             error: cannot pull image `{image}`\n\
             cause: Docker responded with status code 500: [..]connection refused[..]\n\
             help: pull it by hand, with your credentials: `docker pull {image}`\n"
        ));
        let plan = router.start(&["--image", &image, "--dry-run"]).run().exits(0);
        assert!(plan.text().contains(&format!("would pull image `{image}`\n")), "{}", plan.text());
    }
    assert!(!router.checkout.root().join("compose").exists());
    assert_eq!(router.containers(), [""; 0]);
}

pub fn one_that_ends_tells_why(compose: Compose) {
    let router = Router::new(compose);
    let name = format!("broken-{compose:?}").to_lowercase();
    let image =
        Image::build(&name, "CMD [\"--configFile=/config.yml\"]", "entryPoints: {x: {adress: \":0\"}}\n");
    let ran = router.start(&["--image", image.name()]).run().exits(1).stdout("");
    let said = ran.errors();
    assert!(
        said.contains("error: Traefik ended with exit code 1 before it served the routes\ncause: "),
        "{said}"
    );
    assert!(said.contains("field not found, node: adress"), "{said}");
    assert_eq!(router.containers(), [""; 0]);
}

pub fn what_compose_says_is_shown(compose: Compose) {
    let router = Router::new(compose);
    router.start(&[]).run().exits(0);
    let before = router.containers();
    // It fails at `down`, and does everything else.
    let program = router.checkout.root().join(match compose {
        Compose::V1 => "bin/docker-compose",
        Compose::V2 => "bin/docker",
    });
    let real = fs::canonicalize(&program).unwrap();
    fs::remove_file(&program).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' down '*) echo 'no luck today' >&2; exit 7;; esac\nexec {} \"$@\"\n",
        real.display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = router.call(&["router", "stop", "--quiet"]).run().exits(1).stdout("");
    let said = ran.errors();
    assert!(said.contains("docker") && said.contains(" down` failed\ncause: no luck today\n"), "{said}");
    assert_eq!(router.containers(), before);
    // What is remembered is kept, so that it can be stopped all the same.
    fs::remove_file(&program).unwrap();
    std::os::unix::fs::symlink(real, &program).unwrap();
    router.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
}
