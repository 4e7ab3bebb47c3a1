use std::fs;

use tempfile::TempDir;

use super::*;

const TWO: &str = r#"
apiVersion: v1
kind: Config
current-context: one
clusters:
- {name: one, cluster: {server: "https://127.0.0.1:6443", insecure-skip-tls-verify: true}}
- {name: two, cluster: {server: "https://me:pass@api.example.org/k8s/two/", certificate-authority: absent.crt}}
- {name: bare, cluster: {server: "api.example.org:6443"}}
- {name: garbled, cluster: {server: "https://api.example.org", certificate-authority-data: "?"}}
- {name: no-pem, cluster: {server: "https://api.example.org", certificate-authority-data: "aGVsbG8="}}
contexts:
- {name: one, context: {cluster: one, user: me, namespace: orch}}
- {name: two, context: {cluster: two, user: me}}
- {name: anonymous, context: {cluster: one}}
- {name: no-cluster, context: {cluster: gone, user: me}}
- {name: no-user, context: {cluster: one, user: gone}}
- {name: bare, context: {cluster: bare}}
- {name: garbled, context: {cluster: garbled}}
- {name: no-pem, context: {cluster: no-pem}}
users:
- {name: me, user: {token: s3cr3t}}
"#;

fn read_texts(texts: &[&str]) -> (TempDir, Result<Option<Kubeconfig>, Error>) {
    let folder = tempfile::tempdir().unwrap();
    let file = |(index, text): (usize, &&str)| {
        let file = folder.path().join(index.to_string());
        fs::write(&file, text).unwrap();
        file
    };
    let mut files: Vec<_> = texts.iter().enumerate().map(file).collect();
    files.insert(0, folder.path().join("absent"));
    let read = read(&files);
    (folder, read)
}

fn chosen(context: Option<&str>) -> Result<(Config, String), Error> {
    let (_folder, read) = read_texts(&[TWO]);
    choose(read.unwrap().unwrap(), context, &Proxies::default())
}

fn message(context: &str) -> (String, String) {
    let error = chosen(Some(context)).unwrap_err();
    (error.to_string(), error.help())
}

#[test]
fn passes_over_what_does_not_exist() {
    assert!(read_texts(&[]).1.unwrap().is_none());
    assert!(read(&["/dev/null/file".into()]).is_err());
}

#[test]
fn takes_the_current_context_or_the_one_wanted() {
    let (config, name) = chosen(None).unwrap();
    assert_eq!((name.as_str(), config.default_namespace.as_str()), ("one", "orch"));
    assert_eq!(config.cluster_url.to_string(), "https://127.0.0.1:6443/");
    assert!(config.accept_invalid_certs && config.auth_info.token.is_some());
    let (config, _) = chosen(Some("anonymous")).unwrap();
    assert!(config.auth_info.token.is_none());
}

#[test]
fn merges_files_first_one_first() {
    let other = TWO
        .replace("6443", "7443")
        .replace("name: no-user", "name: added")
        .replace("current-context: one", "current-context: two");
    let (_folder, read) = read_texts(&[TWO, &other]);
    let kubeconfig = read.unwrap().unwrap();
    assert!(kubeconfig.contexts.iter().any(|context| context.name == "added"));
    let (config, name) = choose(kubeconfig, None, &Proxies::default()).unwrap();
    assert_eq!((name.as_str(), config.cluster_url.port_u16()), ("one", Some(6443)));
}

#[test]
fn names_the_file_that_is_no_kubeconfig_and_quotes_nothing() {
    for text in [
        "users: [{name: me, user: {token: [s3cr3t",
        "users:\n- name: me\n  user: {token: {a: s3cr3t}}\n",
        "- s3cr3t",
    ] {
        let (folder, read) = read_texts(&[TWO, text]);
        let error = read.unwrap_err();
        let told = format!("{error} {} {error:?}", error.help());
        let file = folder.path().join("1");
        assert!(told.starts_with(&format!("`{}` is not a kubeconfig", file.display())), "{told}");
        assert!(!told.contains("s3cr3t"), "{told}");
    }
    let (folder, read) = read_texts(&["kind: Config", "kind: Secret"]);
    assert!(
        read.unwrap_err()
            .to_string()
            .starts_with(&format!("`{}` cannot be merged: ", folder.path().join("1").display()))
    );
}

#[test]
fn names_what_a_context_lacks() {
    let (text, help) = message("three");
    assert_eq!(text, "there is no context `three` in the kubeconfig");
    assert!(help.starts_with("name one with --context: `one`, `two`, "), "{help}");
    let (text, help) = message("no-cluster");
    assert_eq!(text, "the context `no-cluster` names the cluster `gone`, which the kubeconfig does not have");
    assert!(help.contains("`kubectl config get-contexts`"));
    assert_eq!(
        message("no-user").0,
        "the context `no-user` names the user `gone`, which the kubeconfig does not have"
    );
    assert_eq!(message("bare").0, "the `server` of the cluster `bare` is not an https:// or http:// address");
}

#[test]
fn names_the_authority_that_cannot_be_used() {
    let (text, _) = message("two");
    assert!(text.starts_with("the kubeconfig's certificate authority cannot be used: `"), "{text}");
    assert!(text.contains("absent.crt` cannot be read: No such file"), "{text}");
    assert_eq!(
        message("garbled").0,
        "the kubeconfig's certificate authority cannot be used: it is not base64"
    );
    assert_eq!(
        message("no-pem").0,
        "the certificate authority of the cluster `no-pem` is not a PEM certificate"
    );
}

#[test]
fn says_when_no_context_is_current() {
    let (_folder, read) = read_texts(&["apiVersion: v1\nkind: Config\ncurrent-context: \"\"\n"]);
    let error = choose(read.unwrap().unwrap(), None, &Proxies::default()).unwrap_err();
    assert_eq!(error.to_string(), "the kubeconfig has no current context");
    assert!(error.help().starts_with("the kubeconfig has no context at all"));
}
