//! `tarball pull` and `tarball list`, from a real registry.

use std::env;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::artifact::{REPOSITORY, digest, manifest};
use crate::repository::{NAME, Repository};

/// How long a registry may take to listen.
const PATIENCE: Duration = Duration::from_mins(1);

/// How many ports are tried.
const TRIES: usize = 5;

/// Debian's `docker-registry`.
struct Registry {
    address: SocketAddr,
    process: Child,
}

impl Registry {
    /// One that keeps what it has in `storage`, and speaks TLS if it gets lines for that.
    fn start(storage: &Path, tls: &str) -> Self {
        // Somebody else may take the port before it does.
        let started = (0..TRIES).find_map(|_| Self::try_start(storage, tls));
        started.expect("the registry ends at once")
    }

    /// None if it ends before it listens.
    fn try_start(storage: &Path, tls: &str) -> Option<Self> {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (config, root) = (storage.join("config.yml"), storage.display());
        let text = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: \"{root}\" }} }}\n\
             http: {{ addr: \"{address}\"{tls} }}\n"
        );
        fs::write(&config, text).unwrap();
        let program = env::var_os("XTASK_TEST_DOCKER_REGISTRY").expect("it names a program");
        let mut serve = Command::new(program);
        serve.arg("serve").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut registry = Self { address, process: serve.spawn().unwrap() };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if registry.process.try_wait().unwrap().is_some() {
                return None;
            }
            assert!(Instant::now() < deadline, "the registry does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        // It may be somebody else who listens.
        registry.process.try_wait().unwrap().is_none().then_some(registry)
    }

    /// Puts a content there.
    fn push(&self, content: &[u8]) {
        let begun = self.request("POST", &format!("/v2/{REPOSITORY}/blobs/uploads/"), "text/plain", b"");
        let location = begun.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap();
        let path = &location[location.find("/v2/").unwrap()..];
        let path = format!("{path}&digest={}", digest(content));
        self.request("PUT", &path, "application/octet-stream", content);
    }

    /// Puts an artifact there with `content` as its file, and gives its digest.
    fn publish(&self, tag: &str, content: &[u8]) -> String {
        self.push(b"{}");
        self.push(content);
        let manifest = manifest(&[(NAME, content)]);
        let kind = manifest["mediaType"].as_str().unwrap();
        let text = manifest.to_string();
        self.request("PUT", &format!("/v2/{REPOSITORY}/manifests/{tag}"), kind, text.as_bytes());
        digest(text.as_bytes())
    }

    /// The head of the answer, which must be a success.
    fn request(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let (address, length) = (self.address, body.len());
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        answer
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It is a child of ours, so it is there to be waited for.
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
#[ignore = "needs docker-registry"]
fn what_is_built_and_published_is_pulled_and_well() {
    let (repository, storage) = (Repository::new(), tempfile::tempdir().unwrap());
    let registry = Registry::start(storage.path(), "");
    repository.build("").run().exits(0);
    let content = fs::read(repository.out(NAME)).unwrap();
    let by_digest = registry.publish("3.1.0", &content);
    for tag in ["3.1.0-rc.1", "3.0.0"] {
        registry.publish(tag, b"older");
    }
    let call = |words: &str| {
        let words = format!("tarball {words} --registry {} --registry-plain-http", registry.address);
        repository.checkout.xtask(words.split_whitespace())
    };
    call("list").run().exits(0).stderr("").stdout("3.1.0\n3.1.0-rc.1\n3.0.0\n");
    call("pull --version 3.1.0 --output pulled").run().exits(0);
    let verify = ["tarball", "verify", &format!("pulled/{NAME}")];
    repository.checkout.xtask(verify).run().exits(0);
    // The rest of what is there in part, by its digest.
    let part = repository.checkout.root().join(format!("resumed/{NAME}.part"));
    fs::create_dir(part.parent().unwrap()).unwrap();
    fs::write(&part, &content[..100]).unwrap();
    let words = format!("pull --digest {by_digest} --output resumed --format json");
    let pulled = call(&words).run().exits(0).json();
    assert_eq!(pulled["received"], content.len() - 100);
    assert_eq!(fs::read(repository.checkout.root().join(format!("resumed/{NAME}"))).unwrap(), content);
    // What the registry does not have.
    let ran = call("pull --version 3.1.1").run().exits(3).stdout("");
    assert!(ran.errors().contains("has no `3.1.1`; did you mean `3.1.0`?"), "{}", ran.errors());
    let ran = call("pull --version 3.1.0 --variant onpremFull").run().exits(3).stdout("");
    assert!(ran.errors().contains("onpremfull`: NAME_UNKNOWN: "), "{}", ran.errors());
}

#[test]
#[ignore = "needs docker-registry"]
fn one_with_a_certificate_of_its_own() {
    let (repository, storage) = (Repository::new(), tempfile::tempdir().unwrap());
    Registry::start(storage.path(), "").publish("3.1.0", b"content");
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (certificate, key) = (storage.path().join("own.crt"), storage.path().join("own.key"));
    fs::write(&certificate, own.cert.pem()).unwrap();
    fs::write(&key, own.signing_key.serialize_pem()).unwrap();
    let tls = format!(", tls: {{ certificate: \"{}\", key: \"{}\" }}", certificate.display(), key.display());
    let registry = Registry::start(storage.path(), &tls);
    let call = |words: &str| {
        let words =
            format!("tarball pull --version 3.1.0 --output out --registry {} {words}", registry.address);
        repository.checkout.xtask(words.split_whitespace()).run()
    };
    call(&format!("--registry-ca {}", certificate.display())).exits(0);
    assert_eq!(fs::read(repository.out(NAME)).unwrap(), b"content");
    let ran = call("").exits(3).stdout("");
    assert!(ran.errors().contains("` cannot be trusted: "), "{}", ran.errors());
    call("--registry-plain-http").exits(1);
}
