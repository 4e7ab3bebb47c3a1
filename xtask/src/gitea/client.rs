//! Requests to Gitea's API.

use anyhow::Context as _;
use serde::Serialize;
use ureq::Agent;
use ureq::http::Uri;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use zeroize::Zeroizing;

use super::Credentials;
use super::answer::Answer;
use super::reach::Reach;
use crate::failure::Failure;
use crate::https;

/// Gitea's API at one place.
pub struct Client {
    agent: Agent,
    git: Agent,
    /// `https://host` or `https://host:port`, perhaps with a path; without a slash at its end.
    base: String,
    reach: Reach,
}

impl Client {
    /// For the server at `base`, to which both agents know the way: one for the
    /// API, one for Git.
    pub fn new((agent, git): (Agent, Agent), base: String, reach: Reach) -> Self {
        Self { agent, git, base, reach }
    }

    /// The agent for Git's own requests. Those of the API go on when it is shut
    /// down.
    pub fn git(&self) -> &Agent {
        &self.git
    }

    /// Its address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// How it is reached, for people.
    pub fn way(&self) -> String {
        self.reach.to_string()
    }

    /// `GET /api/v1/{path}`. The segments of paths are plain names.
    pub async fn get(&self, path: &str, by: Option<&Credentials>) -> anyhow::Result<Answer> {
        self.send("GET", path, by, None).await
    }

    /// `POST /api/v1/{path}`.
    pub async fn post(&self, path: &str, by: &Credentials, body: &impl Serialize) -> anyhow::Result<Answer> {
        self.send("POST", path, Some(by), Some(encoded(body)?)).await
    }

    /// `PATCH /api/v1/{path}`.
    pub async fn patch(&self, path: &str, by: &Credentials, body: &impl Serialize) -> anyhow::Result<Answer> {
        self.send("PATCH", path, Some(by), Some(encoded(body)?)).await
    }

    /// `DELETE /api/v1/{path}`.
    pub async fn delete(&self, path: &str, by: &Credentials) -> anyhow::Result<Answer> {
        self.send("DELETE", path, Some(by), None).await
    }

    /// The client blocks, so it works on a thread of its own, which is left
    /// behind when the call's time is up.
    async fn send(
        &self,
        method: &str,
        path: &str,
        by: Option<&Credentials>,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> anyhow::Result<Answer> {
        let uri: Uri = format!("{}/api/v1/{path}", self.base).parse().context("a path of Gitea's API")?;
        let mut request = ureq::http::Request::builder().method(method).uri(uri);
        if let Some(by) = by {
            request = request.header(AUTHORIZATION, by.header().as_str());
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let agent = self.agent.clone();
        let sent = tokio::task::spawn_blocking(move || match body {
            Some(body) => Answer::read(agent.run(request.body(body.as_slice())?)?),
            None => Answer::read(agent.run(request.body(())?)?),
        });
        let sent = sent.await.context("a request to Gitea was broken off")?;
        sent.map_err(|error| self.unanswered(&error).into())
    }

    fn unanswered(&self, error: &ureq::Error) -> Failure {
        let plain = https::failure(&self.base, error);
        match self.reach.trouble() {
            Some(trouble) => Failure::missing(format!("{plain}; {trouble}"))
                .help("check that Gitea's pod runs; `kubectl logs` of it tells more"),
            None => plain,
        }
    }
}

fn encoded(body: &impl Serialize) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    serde_json::to_vec(body).map(Zeroizing::new).context("a request to Gitea")
}
