//! Which Docker is taken, and which is not.

use super::*;
use crate::failure::{Exit, exit_of};

/// A call in `root`, with `DOCKER_HOST` and `DOCKER_CONTEXT` as given.
fn call(root: &Path, host: Option<&str>, context: Option<&str>) -> Context {
    let mut cx = Context::for_tests();
    cx.environment.root = root.to_owned();
    cx.environment.docker.host = host.map(str::to_owned);
    cx.environment.docker.context = context.map(str::to_owned);
    cx
}

fn endpoint(text: &str) -> Endpoint {
    Endpoint(text.to_owned())
}

#[test]
fn the_context_is_that_of_the_client() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.json");
    assert_eq!(current_context(None), None);
    assert_eq!(current_context(Some(&file)), None);
    for (config, context) in [
        ("{}", None),
        ("no JSON", None),
        (r#"{"currentContext":""}"#, None),
        (r#"{"currentContext":"far","auths":{}}"#, Some("far")),
    ] {
        fs::write(&file, config).unwrap();
        assert_eq!(current_context(Some(&file)).as_deref(), context, "{config}");
    }
}

#[test]
fn the_launch_is_taken_where_nothing_is_chosen() {
    let root = tempfile::tempdir().unwrap();
    let find = |host, context| Endpoint::find(&call(root.path(), host, context));
    assert_eq!(find(None, None).unwrap(), endpoint(DEFAULT));
    assert_eq!(find(Some("unix:///a"), Some("far")).unwrap(), endpoint("unix:///a"));
    let launch = Launch { docker: Some("unix:///a".to_owned()), ..Launch::default() };
    launch.remember(&call(root.path(), None, None)).unwrap();
    assert_eq!(find(None, None).unwrap(), endpoint("unix:///a"));
    assert_eq!(find(Some("unix:///a"), None).unwrap(), endpoint("unix:///a"));
    for (host, context, chosen) in [(Some("unix:///b"), None, "unix:///b"), (None, Some("default"), DEFAULT)]
    {
        let error = find(host, context).unwrap_err();
        let said = format!("the router was started in the Docker at `unix:///a`, not at `{chosen}`");
        assert_eq!((error.to_string(), exit_of(&error)), (said, Exit::Refused));
    }
}

#[test]
fn one_socket_has_many_paths() {
    let dir = tempfile::tempdir().unwrap();
    let (path, link) = (dir.path().join("a"), dir.path().join("b"));
    fs::write(&path, "").unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let [path, link] = [path, link].map(|path| endpoint(&format!("unix://{}", path.display())));
    assert!(path.is_same(&link));
    assert!(!path.is_same(&endpoint(DEFAULT)));
    assert!(!endpoint("unix:///none/a").is_same(&endpoint("unix:///none/b")));
}

#[test]
fn only_a_docker_of_this_machine_is_spoken_to() {
    assert_eq!(endpoint("unix:///a").transport().unwrap(), Transport::Unix("/a"));
    for address in ["[::1]:1", "127.0.0.1:2375", "127.1.2.3:1", "localhost:2375"] {
        let endpoint = endpoint(&format!("tcp://{address}"));
        assert_eq!(endpoint.transport().unwrap(), Transport::Tcp(address));
    }
    for text in [
        "ssh://root@far",
        "npipe:////./pipe/docker_engine",
        "/var/run/docker.sock",
        "tcp://10.0.0.9:2375",
        "tcp://[2001:db8::1]:2375",
        "tcp://localhost.example:2375",
        "tcp://far:2375",
    ] {
        let error = endpoint(text).transport().unwrap_err();
        let said = "it is no Unix socket or loopback address";
        assert_eq!(error.to_string(), format!("the Docker at `{text}` cannot be used: {said}"));
        assert_eq!(exit_of(&error), Exit::Missing);
    }
}

#[test]
fn who_does_not_listen_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint(format!("unix://{}", dir.path().join("none.sock").display()));
    let error = endpoint.reach().unwrap_err();
    assert_eq!(error.to_string(), format!("Docker does not answer at `{endpoint}`"));
    assert_eq!(exit_of(&error), Exit::Missing);
    let denied = endpoint.unreachable(ErrorKind::PermissionDenied);
    assert_eq!(denied.to_string(), format!("this user may not use the Docker at `{endpoint}`"));
}
