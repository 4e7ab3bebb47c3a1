//! What the `[kind]` table of a profile may say.

use std::path::Path;

use super::expand;
use crate::profile::Profile;
use crate::profile::tests::{told, told_there};

fn load(set: &str) -> Result<Profile, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    Profile::load(root, "coder", &[set.to_owned()]).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(set: &str, told: &str) {
    let error = load(set).expect_err(set);
    assert!(error.contains(told), "{set}:\n{error}");
}

#[test]
fn paths_begin_at_home_or_at_the_root() {
    let (root, home) = (Path::new("/repo"), Some(Path::new("/home/me")));
    let expanded = |path: &str| expand(Path::new(path), root, home).display().to_string();
    assert_eq!(expanded("~/.docker/config.json"), "/home/me/.docker/config.json");
    assert_eq!(expanded("ca.pem"), "/repo/ca.pem");
    assert_eq!(expanded("/etc/ca.pem"), "/etc/ca.pem");
}

#[test]
fn numbers_and_times_have_bounds() {
    refused("kind.max_pods=0", "`kind.max_pods`: 0 is out of range: at least 1");
    refused("kind.etcd.quota_mib=0", "`kind.etcd.quota_mib`: 0 is out of range: at least 1");
    refused("kind.workers=17", "`kind.workers`: 17 workers are more than 16");
    for time in ["0s", "59s", "11y", "300000000000y"] {
        let told = format!("`kind.etcd.compaction`: `{time}` is ");
        refused(&format!("kind.etcd.compaction=\"{time}\""), &told);
    }
    assert!(load("kind.etcd.compaction=\"1m\"").is_ok());
}

#[test]
fn a_node_never_gets_the_socket_of_docker() {
    for host in [
        "/var/run/docker.sock",
        "/run/docker.sock/",
        "/run/docker.sock/.",
        "docker.sock",
        "/",
        "/run",
        "/var/run/",
        "/var",
    ] {
        let set = format!("kind.mount=[{{ host = \"{host}\", container = \"/data\" }}]");
        refused(&set, "who has Docker's socket has this machine");
    }
}

#[test]
fn mounts_are_checked() {
    for host in ["", "/a:b", "/a/../b", "/a\\nb", "/a\\u0000", "/a\\u0085"] {
        let set = format!("kind.mount=[{{ host = \"{host}\", container = \"/data\" }}]");
        refused(&set, "is not a path that Docker can mount");
    }
    for container in ["", "data", "/da ta", "/a:b", "/a/../etc", "/ä"] {
        let set = format!("kind.mount=[{{ host = \"/srv\", container = \"{container}\" }}]");
        refused(&set, "is not an absolute path");
    }
    for container in
        ["/", "//", "/etc", "/etc/xtask", "/etc/xtask/x", "/var/lib", "/etc/containerd/certs.d/a"]
    {
        let set = format!("kind.mount=[{{ host = \"/srv\", container = \"{container}\" }}]");
        refused(&set, "is taken: the nodes need what is at");
    }
    let twice =
        "kind.mount=[{ host = \"/a\", container = \"/data\" }, { host = \"/b\", container = \"/data/\" }]";
    refused(twice, "`/data/` has two tables");
}

#[test]
fn mirrors_are_checked() {
    let mirror = |registry: &str, endpoints: &str| {
        format!("kind.mirror=[{{ registry = \"{registry}\", endpoints = [{endpoints}] }}]")
    };
    for registry in ["", "..", ".x", "a/b", "a b", "a\\nb", "a\\\"b", "user@host"] {
        refused(&mirror(registry, "\"https://a\""), "is not a registry");
    }
    for endpoint in ["a", "ftp://a", "https://", "https://a/b", "https://a\\\"", "https://u:p@a"] {
        refused(&mirror("docker.io", &format!("\"{endpoint}\"")), "is not where a registry is");
    }
    refused(&mirror("docker.io", ""), "`kind.mirror.endpoints`: a mirror has at least one endpoint");
    assert!(load(&mirror("registry.example:5000", "\"http://[::1]:5000\"")).is_ok());
}

#[test]
fn a_wrong_value_is_told_with_its_place() {
    told_there(&[
        ("from = \"0.27.0\"", "from = \"new\"", "`kind.versions.from`: `new` is not a version"),
        ("before = \"0.40.0\"", "before = \"0.27\"", "`kind.versions.before`: 0.27.0 is not after 0.27.0"),
        ("kindest/node:v1.33.4", "kindest/node", "`kind.node_image`: image `kindest/node` has no tag"),
        ("127.0.0.1:0", "localhost:0", "`kind.api_server`: `localhost:0` is not an address and port"),
        ("\"ipv4\"", "\"ipv5\"", "`kind.ip_family`: `ipv5` is none of `ipv4`, `ipv6`, `dual`"),
        ("workers = 0", "workers = -1", "`kind.workers`: `-1` is out of range: 0 to 16"),
        ("workers = 0", "wrokers = 0", "unknown key `kind.wrokers`; did you mean `workers`?"),
        ("max_pods = 250", "max_pods = 65536", "`kind.max_pods`: `65536` is out of range: 1 to 65535"),
        ("audit = true", "audit = \"yes\"", "`kind.audit`: expected true or false, found string"),
        ("quota_mib = 8192", "quota_mib = 0", "`kind.etcd.quota_mib`: 0 is out of range: at least 1"),
        ("\"1h\"", "\"1 hou\"", "`kind.etcd.compaction`: `1 hou` is not a time: "),
        ("cpus = 8", "cpus = \"8\"", "`kind.needs.cpus`: expected an integer, found string"),
        (
            "# docker_config = \"~/.docker/config.json\"",
            "docker_config = 7",
            "`kind.docker_config`: expected",
        ),
    ]);
    told(&[
        ("audit = true\n", "", "key `kind.audit` is missing"),
        ("memory_gib = 16, ", "", "key `kind.needs.memory_gib` is missing"),
    ]);
}

#[test]
fn a_wrong_mirror_or_mount_is_told_with_its_place() {
    let mirror = "# [[kind.mirror]]\n# registry = \"docker.io\"\n";
    let mount = "# [[kind.mount]]\n# host = \"/srv/images\"\n";
    told_there(&[
        (
            mirror,
            "[[kind.mirror]]\nendpoints = [\"https://a\"]\nregistry = \"a/b\"",
            "`kind.mirror.registry`: `a/b` is not a registry",
        ),
        (
            mirror,
            "[[kind.mirror]]\nregistry = \"a\"\nendpoints = [\"ftp://b\"]",
            "`kind.mirror.endpoints`: `ftp://b` is not where a registry is",
        ),
        (
            mirror,
            "[[kind.mirror]]\nregistry = \"a\"\nendpoints = [\"https://b\"]\nca = 7",
            "`kind.mirror.ca`: expected a string, found integer",
        ),
        (
            mount,
            "[[kind.mount]]\ncontainer = \"/images\"\nhost = \"/run\"",
            "`kind.mount.host`: who has Docker's socket",
        ),
        (
            mount,
            "[[kind.mount]]\nhost = \"/srv\"\ncontainer = \"images\"",
            "`kind.mount.container`: `images` is not an absolute path",
        ),
        (
            mount,
            "[[kind.mount]]\nhost = \"/srv\"\ncontainer = \"/images\"\nread_only = \"no\"",
            "`kind.mount.read_only`: expected true or false, found string",
        ),
    ]);
}
