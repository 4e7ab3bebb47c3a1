//! What kind is given, as a whole.

use std::path::{Path, PathBuf};

use super::*;
use crate::context::Context;
use crate::failure::{Exit, exit_of};

/// The profile `coder` of this repository, with overrides.
pub fn coder(overrides: &[&str]) -> Context {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut cx = Context::for_tests();
    cx.environment.root = root.to_owned();
    cx.environment.home = Some(PathBuf::from("/home/me"));
    cx.choice.name = "coder".to_owned();
    cx.overriding(overrides.iter().map(|&it| it.to_owned()))
}

fn mounts(config: &Config) -> Vec<(String, String, bool)> {
    let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(&config.yaml).unwrap();
    let mounts = yaml["nodes"][0]["extraMounts"].as_sequence().unwrap().iter();
    let mount = |it: &serde_yaml_ng::Value| {
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        (text("hostPath"), text("containerPath"), it["readOnly"].as_bool().unwrap())
    };
    mounts.map(mount).collect()
}

#[test]
fn the_nodes_see_the_folder_and_what_the_profile_says() {
    let cx = coder(&[
        "kind.docker_config=\"~/.docker/config.json\"",
        "kind.mount=[{ host = \"~/a\", container = \"/a\" }, { host = \"b\", container = \"/b\", read_only = false }]",
    ]);
    let config = Config::of(&cx).unwrap();
    let folder = Folder::of(&cx).path().display().to_string();
    let here = cx.root().join("b").display().to_string();
    let expected = [
        (folder.clone(), MOUNT, true),
        (format!("{folder}/certs.d"), "/etc/containerd/certs.d", true),
        (format!("{folder}/docker-config.json"), "/var/lib/kubelet/config.json", true),
        ("/home/me/a".to_owned(), "/a", true),
        (here, "/b", false),
    ];
    assert_eq!(mounts(&config), expected.map(|(host, container, mode)| (host, container.to_owned(), mode)));
    assert!(config.cluster.starts_with("xtask-coder-"), "{}", config.cluster);
    assert!(config.yaml.contains(&format!("name: \"{}\"\n", config.cluster)));
    assert_eq!(config.digest.len(), 16);
    assert!(!config.yaml.contains("docker.sock"));
}

#[test]
fn a_workspace_that_docker_cannot_mount_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let mut cx = coder(&[]);
    cx.profile().unwrap();
    let workspace = root.path().join("a:b");
    std::fs::create_dir_all(workspace.join("profiles")).unwrap();
    std::fs::copy(cx.root().join("profiles/coder.toml"), workspace.join("profiles/coder.toml")).unwrap();
    cx.environment.root = workspace;
    let error = Config::of(&cx).unwrap_err();
    assert_eq!(exit_of(&error), Exit::Missing);
    assert!(error.to_string().starts_with("Docker cannot mount `"), "{error}");
}

#[test]
fn a_profile_whose_name_is_no_nodes_is_refused() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("profiles")).unwrap();
    let original = coder(&[]).root().join("profiles/coder.toml");
    let text = std::fs::read_to_string(original).unwrap();
    for (name, is_good) in
        [("a".repeat(26), true), ("a".repeat(27), false), ("A".to_owned(), false), ("ä".to_owned(), false)]
    {
        let file = root.path().join(format!("profiles/{name}.toml"));
        std::fs::write(file, text.replace("name = \"coder\"", &format!("name = \"{name}\""))).unwrap();
        let mut cx = Context::for_tests();
        cx.environment.root = root.path().to_owned();
        cx.choice.name.clone_from(&name);
        match Config::of(&cx) {
            Ok(config) => assert!(is_good && config.cluster.len() == 49, "{name}"),
            Err(error) => assert!(!is_good && exit_of(&error) == Exit::Usage, "{name}: {error:#}"),
        }
    }
}
