//! An image that is not there yet, and a registry that has it.

use std::env;
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::docker::{self, docker};
use crate::router::{Compose, Router, free_port};
use crate::wait;

/// A registry of the test's own, with one image: the router's. Docker forgets
/// that image's names there when this is dropped.
struct Registry {
    address: SocketAddr,
    process: Child,
    digest: String,
    _storage: tempfile::TempDir,
}

impl Registry {
    fn start() -> Self {
        let (address, storage) = (free_port(), tempfile::tempdir().unwrap());
        let config = storage.path().join("config.yml");
        let root = storage.path().display();
        let text = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: \"{root}\" }} }}\n\
             http: {{ addr: \"{address}\" }}\n"
        );
        std::fs::write(&config, text).unwrap();
        let program = env::var_os("XTASK_TEST_DOCKER_REGISTRY").expect("it names a program");
        let mut serve = Command::new(program);
        serve.arg("serve").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = serve.spawn().unwrap();
        let mut registry = Self { address, process, digest: String::new(), _storage: storage };
        wait::until("the registry to listen", || TcpStream::connect(address).is_ok());
        docker(["tag", "traefik:v3.7.15", &registry.by_tag()]);
        let pushed = docker(["push", &registry.by_tag()]);
        let digest = pushed.split_whitespace().find(|word| word.starts_with("sha256:")).unwrap();
        digest.clone_into(&mut registry.digest);
        docker(["image", "rm", &registry.by_tag()]);
        registry
    }

    fn by_tag(&self) -> String {
        format!("{}/traefik:v3.7.15", self.address)
    }

    fn by_digest(&self) -> String {
        format!("{}/traefik@{}", self.address, self.digest)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let names = docker(["images", "--format", "{{.Repository}}@{{.Digest}} {{.ID}}"]);
        let ours = format!("{}/", self.address);
        for name in names.lines().filter(|name| name.starts_with(&ours)) {
            docker::remove(&["image", "rm", name.split(' ').next().unwrap()]);
        }
        // It is a child of ours, so it is there to be waited for.
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

pub fn an_absent_image_is_pulled_once(compose: Compose) {
    let registry = Registry::start();
    for image in [registry.by_tag(), registry.by_digest()] {
        let router = Router::new(compose);
        let ran = router.start(&["--image", &image]).run().exits(0);
        let pulling = format!("pulling image `{image}`");
        assert!(ran.errors().lines().any(|line| line == pulling), "{}", ran.errors());
        assert_eq!(router.status()["container"]["image"], image);
        router.call(&["router", "stop"]).run().exits(0);
        // It is there now.
        let again = router.start(&["--image", &image, "--quiet"]).run().exits(0).stderr("");
        assert!(again.text().starts_with("the router serves: "), "{}", again.text());
        router.call(&["router", "stop"]).run().exits(0);
        docker(["image", "rm", &image]);
    }
}

pub fn a_digest_that_the_registry_lacks_is_refused(compose: Compose) {
    let registry = Registry::start();
    let (known, end) = registry.by_digest().rsplit_once(':').map(|(a, b)| (a.to_owned(), b.len())).unwrap();
    let image = format!("{known}:{}", "0".repeat(end));
    let router = Router::new(compose);
    let ran = router.start(&["--image", &image]).run().exits(3).stdout("");
    assert!(
        ran.errors().contains(&format!("error: cannot pull image `{image}`\ncause: ")),
        "{}",
        ran.errors()
    );
    assert_eq!(router.containers(), [""; 0]);
}
