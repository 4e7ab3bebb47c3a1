//! Tokens, which a registry has given out by somebody else.

use anyhow::Context as _;
use form_urlencoded::Serializer;
use serde::Deserialize;
use ureq::http::{StatusCode, Uri};
use zeroize::Zeroizing;

use super::challenge::Challenge;
use super::client::Registry;
use super::credentials::Credentials;
use super::error::Error;
use crate::failure::Failure;

/// Largest answer with a token, in bytes.
const MAX_TOKEN: u64 = 256 << 10;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    token: Option<Zeroizing<String>>,
    #[serde(default)]
    access_token: Option<Zeroizing<String>>,
}

impl Registry {
    /// A token to read `repository` with, from where the challenge says. Who
    /// has no credentials is given one for what everybody may read.
    pub(super) fn token(&self, repository: &str, challenge: &Challenge) -> Result<Zeroizing<String>, Error> {
        let uri = self.address(repository, challenge).with_context(|| {
            Failure::failed(format!("`{}` wants a token from no https:// address", self.host()))
                .help("check that it is an OCI registry")
        })?;
        let server = uri.authority().map(ToString::to_string).unwrap_or_default();
        let credentials = self.keys.find(self.host())?;
        let basic = credentials.as_ref().map(Credentials::basic);
        let response = self.send(&uri, &[], basic.as_ref().map(|basic| basic.as_str()))?;
        if matches!(response.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            let who = credentials.map_or("who has no credentials".to_owned(), |it| it.origin().to_owned());
            let message = format!("`{server}` gives no token for `{repository}` to {who}");
            let help =
                format!("run `docker login {}`, or give others with `--registry-credentials`", self.host());
            return Err(Failure::missing(message).help(help).into());
        }
        let text = Zeroizing::new(self.read(&format!("a token of `{server}`"), response, MAX_TOKEN)?);
        let answer: Option<Answer> = serde_json::from_slice(&text).ok();
        let token = answer.and_then(|answer| answer.token.or(answer.access_token));
        // No header can carry others.
        let token = token.filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
        let token = token.with_context(|| {
            Failure::failed(format!("what `{server}` answered holds no token")).help("run it again later")
        })?;
        Ok(Zeroizing::new(format!("Bearer {}", *token)))
    }

    fn address(&self, repository: &str, challenge: &Challenge) -> Option<Uri> {
        let realm = challenge.get("realm")?;
        let mut query = Serializer::new(String::new());
        if let Some(service) = challenge.get("service") {
            query.append_pair("service", service);
        }
        let scope = format!("repository:{repository}:pull");
        query.append_pair("scope", challenge.get("scope").unwrap_or(&scope));
        let separator = if realm.contains('?') { '&' } else { '?' };
        let uri: Uri = format!("{realm}{separator}{}", query.finish()).parse().ok()?;
        self.place.may_lead_to(&uri).then_some(uri)
    }
}
