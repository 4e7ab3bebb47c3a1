//! The folder on disk: what is in it, who may read it, and how it changes.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::failure::{Exit, exit_of};
use crate::kind::tests::coder;
use crate::sandbox::tests::made::Files;

/// A workspace without a profile of its own: that is given.
struct Bed {
    folder: TempDir,
    cx: Context,
}

const HUB: &str = r#"{"auths": {
    "https://index.docker.io/v1/": {"auth": "dXNlcjpzM2NyZXQ=", "email": "me@example"},
    "registry.example": {"auth": "b3RoZXI6czNjcmV0"}
}, "proxies": {}}"#;

impl Bed {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut cx = Context::for_tests();
        cx.environment.root = folder.path().to_owned();
        Self { folder, cx }
    }

    fn put(&self, name: &str, content: &str) {
        fs::write(self.folder.path().join(name), content).unwrap();
    }

    fn write(&self, set: &[&str]) -> anyhow::Result<Vec<String>> {
        let profile = coder(set).profile().unwrap().kind().unwrap().clone();
        Folder::of(&self.cx).write(&self.cx, &profile)
    }

    #[track_caller]
    fn refused(&self, set: &str, told: &str) {
        let error = self.write(&[set]).unwrap_err();
        assert_eq!(exit_of(&error), Exit::Missing);
        let text = format!("{error:#}");
        assert!(text.contains(told) && !text.contains("s3cret"), "{text}");
        assert!(!Folder::of(&self.cx).path().exists(), "something was written");
    }

    fn path(&self, name: &str) -> PathBuf {
        Folder::of(&self.cx).path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).unwrap().permissions().mode() & 0o777
    }
}

const MIRROR: &str = "kind.mirror=[{ registry = \"registry.example:5000\", \
    endpoints = [\"https://a.example:5000\", \"http://b\"], ca = \"ca.pem\" }]";

#[test]
fn the_nodes_have_the_policy_and_the_mirrors() {
    let (bed, made) = (Bed::new(), Files::new());
    bed.put("ca.pem", &made.read("ca.pem"));
    let changed = bed.write(&[MIRROR]).unwrap();
    assert_eq!(changed, ["the audit policy", "the mirrors of `registry.example:5000`"]);
    assert_eq!(bed.read("audit-policy.yaml"), audit_policy());
    assert_eq!(bed.read("certs.d/registry.example:5000/ca.crt"), made.read("ca.pem"));
    let hosts = bed.read("certs.d/registry.example:5000/hosts.toml");
    toml::de::DeTable::parse(&hosts).unwrap();
    assert_eq!(
        hosts,
        r#"server = "https://registry.example:5000"

[host."https://a.example:5000"]
  capabilities = ["pull", "resolve"]
  ca = "/etc/xtask/certs.d/registry.example:5000/ca.crt"

[host."http://b"]
  capabilities = ["pull", "resolve"]
  ca = "/etc/xtask/certs.d/registry.example:5000/ca.crt"
"#
    );
    assert_eq!((bed.mode(""), bed.mode("certs.d")), (0o700, 0o700));
    assert_eq!(bed.write(&[MIRROR]).unwrap(), [""; 0]);
}

#[test]
fn files_that_nodes_have_open_change_in_place() {
    let bed = Bed::new();
    let mirror = |endpoint: &str| {
        format!("kind.mirror=[{{ registry = \"docker.io\", endpoints = [\"{endpoint}\"] }}]")
    };
    bed.write(&[&mirror("https://a-long-name.example")]).unwrap();
    let hosts = bed.path("certs.d/docker.io/hosts.toml");
    let before = (fs::metadata(&hosts).unwrap().ino(), fs::metadata(bed.path("certs.d")).unwrap().ino());
    assert_eq!(bed.write(&[&mirror("https://b")]).unwrap(), ["the mirrors of `docker.io`"]);
    let text = bed.read("certs.d/docker.io/hosts.toml");
    assert!(text.starts_with("server = \"https://registry-1.docker.io\"\n"), "{text}");
    assert!(text.contains("https://b") && !text.contains("long"), "{text}");
    assert_eq!(bed.write(&[]).unwrap(), ["the mirrors of `docker.io`"]);
    assert!(!bed.path("certs.d/docker.io").exists());
    bed.write(&[&mirror("https://a")]).unwrap();
    let after = fs::metadata(bed.path("certs.d")).unwrap().ino();
    assert_eq!(before.1, after);
}

#[test]
fn an_authority_that_is_gone_goes() {
    let bed = Bed::new();
    bed.put("ca.pem", &Files::new().read("ca.pem"));
    bed.write(&[MIRROR]).unwrap();
    let told = bed.write(&[&MIRROR.replace(", ca = \"ca.pem\"", "")]).unwrap();
    assert_eq!(told, ["the mirrors of `registry.example:5000`"]);
    assert!(!bed.path("certs.d/registry.example:5000/ca.crt").exists());
    assert!(!bed.read("certs.d/registry.example:5000/hosts.toml").contains("ca ="));
}

#[test]
fn an_authority_is_certificates_and_nothing_else() {
    let (bed, made) = (Bed::new(), Files::new());
    bed.refused(MIRROR, "`kind.mirror.ca ");
    bed.put("ca.pem", "s3cret");
    bed.refused(MIRROR, "holds no certificate in PEM");
    bed.put("ca.pem", &made.read("key.pem"));
    bed.refused(MIRROR, "holds no certificate, but a private key");
    bed.put("ca.pem", &format!("{}{}", made.read("ca.pem"), made.read("key.pem")));
    bed.refused(MIRROR, "holds a private key, too");
}

const GIVEN: &str = "kind.docker_config=\"docker.json\"";

#[test]
fn only_the_entry_of_docker_hub_gets_to_the_nodes() {
    let bed = Bed::new();
    bed.put("docker.json", HUB);
    assert!(bed.write(&[GIVEN]).unwrap().contains(&"the credentials for Docker Hub".to_owned()));
    let expected = r#"{"auths":{"https://index.docker.io/v1/":{"auth":"dXNlcjpzM2NyZXQ="}}}"#;
    assert_eq!(bed.read("docker-config.json"), expected);
    assert_eq!(bed.mode("docker-config.json"), 0o600);
    let inode = fs::metadata(bed.path("docker-config.json")).unwrap().ino();
    for name in ["docker.io", "index.docker.io", "registry-1.docker.io"] {
        let entry = "{\"username\": \"a\\\"b\", \"password\": \"ü\"}";
        bed.put("docker.json", &format!("{{\"auths\": {{\"{name}\": {entry}}}, \"credsStore\": \"\"}}"));
        bed.write(&[GIVEN]).unwrap();
        let read: serde_json::Value = serde_json::from_str(&bed.read("docker-config.json")).unwrap();
        let given: serde_json::Value = serde_json::from_str(entry).unwrap();
        assert_eq!(read["auths"]["https://index.docker.io/v1/"], given);
    }
    // Without them, a node that has the file mounted can start all the same.
    assert_eq!(bed.write(&[]).unwrap(), ["the credentials for Docker Hub"]);
    assert_eq!(bed.read("docker-config.json"), "{}");
    assert_eq!(fs::metadata(bed.path("docker-config.json")).unwrap().ino(), inode);
    assert_eq!(bed.write(&[]).unwrap(), [""; 0]);
}

#[test]
fn what_gives_no_credentials_is_told() {
    let bed = Bed::new();
    bed.refused(GIVEN, "docker.json` cannot be read: No such file");
    for (config, told) in [
        ("", "is empty"),
        ("{", "is not a configuration of Docker's client: see line 1, column 1"),
        ("{\"auths\": {\"docker.io\": \"s3cret\"}}", "is not a configuration of Docker's client"),
        ("{\"auths\": {\"docker.io\": {\"auth\": [\"s3cret\"]}}}", "is not a configuration"),
        ("{}", "has no credentials for Docker Hub"),
        ("{\"auths\": {\"ghcr.io\": {\"auth\": \"s3cret\"}}}", "has no credentials for Docker Hub"),
        ("{\"auths\": {\"docker.io\": {\"auth\": \"\"}}}", "has no credentials for Docker Hub"),
        (
            "{\"auths\": {\"https://index.docker.io/v1/\": {}}, \"credsStore\": \"desktop\"}",
            "does not hold the credentials for Docker Hub: the helper `desktop` keeps them",
        ),
        ("{\"credHelpers\": {\"docker.io\": \"pass\"}}", "the helper `pass` keeps them"),
        ("{\"credHelpers\": {\"ghcr.io\": \"pass\"}}", "has no credentials for Docker Hub"),
    ] {
        bed.put("docker.json", config);
        bed.refused(GIVEN, told);
    }
}

#[test]
fn what_docker_put_in_the_place_of_a_file_goes() {
    let bed = Bed::new();
    fs::create_dir_all(bed.path("audit-policy.yaml")).unwrap();
    assert_eq!(bed.write(&[]).unwrap(), ["the audit policy"]);
    assert_eq!(bed.read("audit-policy.yaml"), audit_policy());
}

#[test]
fn the_audit_policy_logs_no_bodies() {
    let yaml = |text: &str| serde_yaml_ng::from_str::<serde_yaml_ng::Value>(text).unwrap();
    let policy = yaml(audit_policy());
    let levels: Vec<&str> =
        policy["rules"].as_sequence().unwrap().iter().map(|rule| rule["level"].as_str().unwrap()).collect();
    assert!(levels.iter().all(|level| ["None", "Metadata"].contains(level)), "{levels:?}");
    assert_eq!(policy["rules"].as_sequence().unwrap().last().unwrap().as_mapping().unwrap().len(), 1);
    assert_eq!(levels.last(), Some(&"Metadata"));
    // What writes is always logged, but for leases and events.
    for rule in policy["rules"].as_sequence().unwrap().iter().filter(|rule| rule["level"] == "None") {
        let reads = rule["verbs"] == yaml("[get, list, watch]");
        let noise = !rule["resources"].is_null() || !rule["nonResourceURLs"].is_null();
        assert!(reads || noise, "{rule:?}");
    }
}
