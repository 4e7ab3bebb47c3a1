//! Each reason why a cluster does not tell is told apart from the others.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;

use cluster::{Access, Action, Cluster, Error};
use fake_kube::{FakeKube, Fault};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::TcpListener;

use crate::support::{Kubeconfig, TOKEN, open, trouble};

/// The trouble with an API that has this fault, and the address of that.
async fn trouble_with(fault: Fault) -> (Error, String) {
    let kube = FakeKube::start();
    kube.faults().push(fault);
    (trouble(&open(kube.url()).await).await, kube.url().to_owned())
}

/// A server that is no API: it says this when it is spoken to, and no more.
async fn says(bytes: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.read_u8().await.unwrap();
            stream.write_all(bytes.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            // What is left unread would reset the connection.
            copy(&mut stream, &mut sink()).await.ok();
        }
    });
    address
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
    let (error, server) = trouble_with(Fault::silence()).await;
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
    let server = format!("http://{}", says("").await);
    let error = trouble(&open(&server).await).await;
    let reason = "connection closed before message completed".into();
    assert_eq!(error, Error::Unreachable { server, reason });
    let (error, server) = trouble_with(Fault::cut()).await;
    assert_eq!(error, Error::Unreachable { server, reason: "the connection was cut".into() });
}

#[tokio::test]
async fn without_tls() {
    let server = format!("https://{}", says("SSH-2.0-x\r\n").await);
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
    let (error, server) = trouble_with(Fault::status(401)).await;
    assert_eq!(error, Error::Unauthenticated { server });
    assert!(error.help().contains("`kubectl auth whoami`"));
}

#[tokio::test]
async fn forbidden() {
    let message = r#"services "argocd-server" is forbidden: User "me" cannot list resource "services" in API group "" in the namespace "argocd""#;
    let (error, _) = trouble_with(Fault::status(403).message(message)).await;
    assert_eq!(
        error,
        Error::Forbidden {
            action: Action::Read,
            what: "service `argocd/argocd-server`".into(),
            reason: message.into()
        }
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
    let trouble_of = async |answer| trouble(&open(&format!("http://{}", says(answer).await)).await).await;
    let error = trouble_of("HTTP/1.1 404 So\r\ncontent-length: 15\r\n\r\npage not found\n").await;
    assert!(matches!(error, Error::Refused { .. }) && not_found(&error), "{error}");
    let error = trouble_of("SSH-2.0-x\r\n\r\n").await;
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    let (error, _) = trouble_with(Fault::garbage("<html>log in</html>")).await;
    assert!(error.to_string().ends_with(": its answer is not one of Kubernetes"), "{error}");
    let (error, _) = trouble_with(Fault::status(500).message("x".repeat(100_000))).await;
    assert!(error.to_string().len() < 500, "{error}");
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
    let error = kubeconfig.open().await.err().unwrap();
    assert!(
        error.to_string().starts_with("the kubeconfig's client certificate cannot be used: `/none.crt`"),
        "{error}"
    );
    let proxy =
        Kubeconfig::new("https://127.0.0.1:1", "proxy-url: \"socks5://me:t0p-s3cr3t@127.0.0.1:1\"", "");
    let error = proxy.open().await.err().unwrap();
    assert_eq!(error.to_string(), "the proxy to the cluster is not an http:// or https:// one");
}

#[tokio::test]
async fn by_way_of_a_proxy() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = listener.local_addr().unwrap();
    drop(listener);
    let kubeconfig =
        Kubeconfig::new("https://api.example.invalid", &format!("proxy-url: \"http://{closed}\""), "");
    let error = trouble(&kubeconfig.open().await.unwrap()).await;
    assert!(error.to_string().ends_with("by way of the proxy: connection refused"), "{error}");

    let proxy = says("HTTP/1.1 407 No\r\n\r\n").await;
    let kubeconfig =
        Kubeconfig::new("https://api.example.invalid", &format!("proxy-url: \"http://{proxy}\""), "");
    let error = trouble(&kubeconfig.open().await.unwrap()).await;
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
        let error = Kubeconfig::new("https://127.0.0.1:1", "", &exec).open().await.err().unwrap();
        assert!(
            error.to_string().starts_with(&format!("the kubeconfig's user has no credentials: {expected}")),
            "{error}"
        );
        assert!(!format!("{error:?}").contains(TOKEN));
    }
}
