//! Each reason why a cluster does not tell is told apart from the others.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use cluster::{Access, Cluster, Error};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use support::objects::status;
use support::script::{Answer, Api};
use support::{Kubeconfig, TOKEN, open, trouble};

async fn trouble_with(answer: impl Fn() -> Answer + Send + Sync + 'static) -> (Error, String) {
    let api = Api::start(move |_| answer()).await;
    (trouble(&open(&api.url()).await).await, api.url())
}

#[tokio::test]
async fn refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = trouble(&open(&server).await).await;
    assert_eq!(error, Error::Unreachable { server, reason: "connection refused".into() });
    assert!(error.help().contains("`kubectl cluster-info`"));
}

#[tokio::test]
async fn silent() {
    let (error, server) = trouble_with(|| Answer::Silence).await;
    assert_eq!(error, Error::Unreachable { server, reason: "no answer within 10 s".into() });
}

#[tokio::test]
async fn silent_before_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("https://{}", listener.local_addr().unwrap());
    let error = trouble(&open(&server).await).await;
    assert_eq!(error, Error::Unreachable { server, reason: "the connection cannot be made in time".into() });
}

#[tokio::test]
async fn cut() {
    let (error, server) = trouble_with(|| Answer::Bytes(b"")).await;
    let reason = "connection closed before message completed".into();
    assert_eq!(error, Error::Unreachable { server, reason });
}

#[tokio::test]
async fn without_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"SSH-2.0-x\r\n").await.unwrap();
        }
    });
    let error = trouble(&open(&server).await).await;
    assert_eq!(error, Error::Unreachable { server, reason: "it does not speak TLS as it should".into() });
}

#[tokio::test]
async fn unknown_name() {
    let error = trouble(&open("http://no-such-host.invalid:6443").await).await;
    let Error::Unreachable { server, reason } = error else { panic!("{error:?}") };
    assert_eq!(server, "http://no-such-host.invalid:6443");
    let expected = ["its name cannot be resolved", "the connection cannot be made in time"];
    assert!(expected.contains(&reason.as_str()), "{reason}");
}

#[tokio::test]
async fn unauthenticated() {
    let (error, server) = trouble_with(|| status(401, "Unauthorized")).await;
    assert_eq!(error, Error::Unauthenticated { server });
    assert!(error.help().contains("`kubectl auth whoami`"));
}

#[tokio::test]
async fn forbidden() {
    let message = r#"services "argocd-server" is forbidden: User "me" cannot list resource "services" in API group "" in the namespace "argocd""#;
    let (error, _) = trouble_with(move || status(403, message)).await;
    assert_eq!(
        error,
        Error::Forbidden { what: "service `argocd/argocd-server`".into(), reason: message.into() }
    );
    assert!(
        error.help().contains("`kubectl auth can-i list services --namespace argocd`"),
        "{}",
        error.help()
    );
}

#[tokio::test]
async fn other_answers() {
    let not_found = |error: &Error| error.to_string().ends_with(": 404 page not found");
    let (error, _) = trouble_with(|| Answer::Body(404, "page not found\n".into())).await;
    assert!(matches!(error, Error::Refused { .. }) && not_found(&error), "{error}");
    let (error, _) = trouble_with(|| Answer::Body(200, "<html>log in</html>".into())).await;
    assert!(error.to_string().ends_with(": its answer is not one of Kubernetes"), "{error}");
    let (error, _) = trouble_with(|| Answer::Body(500, "x".repeat(100_000))).await;
    assert!(error.to_string().len() < 500, "{error}");
    let (error, _) = trouble_with(|| Answer::Bytes(b"SSH-2.0-x\r\n\r\n")).await;
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn no_kubeconfig() {
    let folder = tempfile::tempdir().unwrap();
    let access = Access { files: vec![folder.path().join("absent")], ..Access::default() };
    let error = Cluster::open(&access).await.err().unwrap();
    assert_eq!(error.to_string(), "there is no kubeconfig");
    assert!(error.help().contains("KUBECONFIG") && error.help().contains("--kubeconfig"));
    assert!(error.help().ends_with("absent`"), "{}", error.help());
    let access = Access { in_cluster: true, ..Access::default() };
    let error = Cluster::open(&access).await.err().unwrap();
    assert!(
        error.to_string().starts_with("there is no kubeconfig, and the pod has no service account: "),
        "{error}"
    );
}

#[tokio::test]
async fn unusable_certificates() {
    let kubeconfig =
        Kubeconfig::new("https://127.0.0.1:1", "", "client-certificate: /none.crt, client-key: /none.key");
    let error = Cluster::open(&kubeconfig.access()).await.err().unwrap();
    assert!(
        error.to_string().starts_with("the kubeconfig's client certificate cannot be used: `/none.crt`"),
        "{error}"
    );
    let proxy =
        Kubeconfig::new("https://127.0.0.1:1", "proxy-url: \"socks5://me:t0p-s3cr3t@127.0.0.1:1\"", "");
    let error = Cluster::open(&proxy.access()).await.err().unwrap();
    assert_eq!(error.to_string(), "the proxy to the cluster is not an http:// or https:// one");
}

#[tokio::test]
async fn by_way_of_a_proxy() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let kubeconfig =
        Kubeconfig::new("https://api.example.invalid", &format!("proxy-url: \"http://{closed}\""), "");
    let error = trouble(&Cluster::open(&kubeconfig.access()).await.unwrap()).await;
    assert!(error.to_string().ends_with("by way of the proxy: connection refused"), "{error}");

    let proxy = Api::start(|_| Answer::Bytes(b"HTTP/1.1 407 No\r\n\r\n")).await;
    let kubeconfig =
        Kubeconfig::new("https://api.example.invalid", &format!("proxy-url: \"{}\"", proxy.url()), "");
    let error = trouble(&Cluster::open(&kubeconfig.access()).await.unwrap()).await;
    assert!(error.to_string().ends_with("by way of the proxy: proxy authorization required"), "{error}");
}

#[tokio::test]
async fn plug_in() {
    let folder = tempfile::tempdir().unwrap();
    let plug_in = folder.path().join("plug-in");
    fs::write(&plug_in, format!("#!/bin/sh\necho {TOKEN} >&2\necho {TOKEN}\nexit 3\n")).unwrap();
    fs::set_permissions(&plug_in, fs::Permissions::from_mode(0o700)).unwrap();
    let cases = [
        (plug_in.display().to_string(), "its plug-in failed with exit status: 3"),
        ("no-such-plug-in".into(), "its plug-in cannot be started: "),
    ];
    for (command, expected) in cases {
        let exec = format!(
            "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: \"{command}\"}}"
        );
        let error =
            Cluster::open(&Kubeconfig::new("https://127.0.0.1:1", "", &exec).access()).await.err().unwrap();
        assert!(
            error.to_string().starts_with(&format!("the kubeconfig's user has no credentials: {expected}")),
            "{error}"
        );
        assert!(!format!("{error:?}").contains(TOKEN));
    }
}
