use std::convert::Infallible;

use futures_util::stream;
use http::{Request, Response};
use http_body_util::{Either, Full, StreamBody};
use k8s_openapi::api::core::v1::Service;
use kube::client::Body;
use kube::{Client, Error as KubeError};

use super::*;

/// What an API does with a list and with a watch.
#[derive(Clone, Copy)]
enum Does {
    Answer,
    /// There is no answer.
    Silence,
    /// There is the beginning of an answer, and the connection stays.
    Stall,
    Fail,
}

/// Follows a Service of an API that does so, in time that passes at once.
fn follow(list: Does, watch: Does) -> mpsc::Receiver<Update<Service>> {
    let service = tower::service_fn(move |request: Request<Body>| async move {
        let is_watch = request.uri().query().is_some_and(|query| query.contains("watch=true"));
        let empty = r#"{"kind": "List", "metadata": {"resourceVersion": "7"}, "items": []}"#;
        let body = match (if is_watch { watch } else { list }, is_watch) {
            (Does::Answer, false) => Either::Left(Full::from(empty)),
            (Does::Answer, true) => Either::Left(Full::from("")),
            (Does::Stall, _) => Either::Right(StreamBody::new(stream::pending::<Result<_, Infallible>>())),
            (Does::Silence, _) => std::future::pending().await,
            (Does::Fail, _) => return Err(KubeError::LinesCodecMaxLineLengthExceeded),
        };
        Ok(Response::new(body))
    });
    let (sender, updates) = mpsc::channel(1);
    let api = Api::namespaced(Client::new(service, "default"), "argocd");
    let followed = Followed {
        api,
        name: Some("argo".into()),
        may_be_unknown: false,
        server: "https://api".into(),
        what: "service `argocd/argo`".into(),
    };
    tokio::spawn(async move { followed.follow(sender).await });
    updates
}

/// The next updates, each with the seconds since the one before.
async fn next(updates: &mut mpsc::Receiver<Update<Service>>, count: usize) -> Vec<(String, f32)> {
    let mut seen = Vec::new();
    while seen.len() < count {
        let begin = Instant::now();
        let update = match updates.recv().await.unwrap() {
            Update::All(objects) if objects.is_empty() => "absent".into(),
            Update::All(_) | Update::There(_) => "there".into(),
            Update::Gone(_) => "gone".into(),
            Update::Current => "current".into(),
            Update::Trouble(error) => error.to_string(),
        };
        seen.push((update, begin.elapsed().as_secs_f32()));
    }
    seen
}

fn texts(updates: &[(String, f32)]) -> Vec<&str> {
    updates.iter().map(|(text, _)| text.as_str()).collect()
}

const SILENT: &str = "the cluster at `https://api` cannot be reached: no answer within 10 s";

#[tokio::test(start_paused = true)]
async fn a_list_without_an_answer_is_trouble() {
    for how in [Does::Silence, Does::Stall] {
        let seen = next(&mut follow(how, Does::Answer), 2).await;
        assert_eq!(texts(&seen), [SILENT, SILENT]);
        assert!((10.0..10.1).contains(&seen[0].1) && (10.1..10.3).contains(&seen[1].1), "{seen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_without_an_answer_is_trouble() {
    let seen = next(&mut follow(Does::Answer, Does::Silence), 3).await;
    assert_eq!(texts(&seen), ["absent", SILENT, "absent"]);
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_does_not_end_is_begun_anew() {
    let mut updates = follow(Does::Answer, Does::Stall);
    for _ in 0..3 {
        let seen = next(&mut updates, 2).await;
        assert_eq!(texts(&seen), ["absent", "current"]);
        assert!(seen[0].1 < 36.0, "{seen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_always_ends_is_asked_for_every_second() {
    let seen = next(&mut follow(Does::Answer, Does::Answer), 40).await;
    let pauses: Vec<_> =
        seen.iter().filter(|(text, _)| text == "absent").map(|&(_, seconds)| seconds).collect();
    assert!(pauses[1] <= 0.21, "{pauses:?}");
    assert!(pauses[10..].iter().all(|pause| (0.99..1.01).contains(pause)), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn pauses_after_trouble_stay_within_their_bounds() {
    let seen = next(&mut follow(Does::Fail, Does::Fail), 40).await;
    let pauses: Vec<_> = seen.iter().map(|&(_, seconds)| seconds).collect();
    assert!((0.1..0.21).contains(&pauses[1]), "{pauses:?}");
    assert!(pauses[10..].iter().all(|pause| (7.49..15.01).contains(pause)), "{pauses:?}");
    assert!(pauses[10..].iter().any(|&pause| (pause - pauses[10]).abs() > 0.01), "no jitter: {pauses:?}");
}
