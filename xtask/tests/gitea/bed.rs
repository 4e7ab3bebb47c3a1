//! A Gitea to ask, with what a test makes there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fake_gitea::{ADMIN, Certificate, FakeGitea, Options};
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::http::{Method, Request};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use super::answer::Answer;

/// How long anything may take before a test fails.
const LIMIT: Duration = Duration::from_mins(1);
/// The password of every account that a test makes.
pub const PASSWORD: &str = "a-password-of-tests-1";

/// A Gitea. What was made there is removed when this is dropped.
pub struct Bed {
    url: String,
    authority: PathBuf,
    agent: ureq::Agent,
    token: String,
    made: Mutex<Vec<String>>,
    folder: TempDir,
    stand_in: Option<FakeGitea>,
}

/// Who asks.
#[derive(Clone, Copy)]
pub enum As<'a> {
    Nobody,
    Admin,
    /// A user with the password of all.
    User(&'a str),
    /// `Authorization: Basic`
    Basic(&'a str, &'a str),
    /// `Authorization: token`
    Token(&'a str),
}

impl Bed {
    pub fn stand_in() -> Self {
        let certificate = Certificate::signed();
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("ca.pem");
        fs::write(&authority, certificate.authority_pem()).unwrap();
        let options = Options { certificate: Some(certificate), ..Options::default() };
        let gitea = FakeGitea::start_with(options).unwrap();
        let (url, token) = (gitea.url().to_owned(), gitea.add_token(ADMIN, "tests", &["all"]));
        Self::new(url, authority, token, folder, Some(gitea))
    }

    /// The one that the environment names.
    pub fn real() -> Self {
        let variable = |name: &str| {
            let value = std::env::var(name).ok();
            value.unwrap_or_else(|| panic!("{name} is not set: `cargo xtask test gitea` sets it"))
        };
        let token = fs::read_to_string(variable("XTASK_TEST_GITEA_TOKEN_FILE")).unwrap();
        let authority = variable("XTASK_TEST_GITEA_CA").into();
        let url = variable("XTASK_TEST_GITEA_URL").trim_end_matches('/').to_owned();
        Self::new(url, authority, token.trim().to_owned(), tempfile::tempdir().unwrap(), None)
    }

    fn new(
        url: String,
        authority: PathBuf,
        token: String,
        folder: TempDir,
        stand_in: Option<FakeGitea>,
    ) -> Self {
        let agent = agent(&fs::read(&authority).unwrap());
        Self { url, authority, agent, token, made: Mutex::default(), folder, stand_in }
    }

    /// The stand-in, if it is not the real one.
    pub fn fake(&self) -> Option<&FakeGitea> {
        self.stand_in.as_ref()
    }

    /// Without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A folder of the test's own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of the certificate to trust.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// The URL of a repository, `OWNER/NAME`, for a user with the password of all.
    pub fn clone_url(&self, user: &str, repository: &str) -> String {
        format!("{}/{repository}.git", self.url.replacen("://", &format!("://{user}:{PASSWORD}@"), 1))
    }

    /// A name that nothing has yet; what gets it is removed in the end.
    pub fn name(&self) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros();
        let name = format!("t{now:x}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.made.lock().unwrap().push(name.clone());
        name
    }

    /// A new account, which may do what it wants.
    pub fn user(&self) -> String {
        let name = self.name();
        let account = json!({
            "username": name, "email": format!("{name}@localhost.invalid"), "password": PASSWORD,
            "must_change_password": false,
        });
        self.post("/admin/users", As::Admin, &account).is(201);
        name
    }

    /// The names of the tokens that an account has.
    pub fn tokens(&self, user: &str) -> Vec<String> {
        let page = |number: usize| {
            let path = format!("/users/{user}/tokens?limit=50&page={number}");
            let listed = self.get(&path, As::User(user)).is(200);
            let name = |token: &Value| token["name"].as_str().unwrap().to_owned();
            listed.as_array().unwrap().iter().map(name).collect::<Vec<_>>()
        };
        (1..).map(page).take_while(|names| !names.is_empty()).flatten().collect()
    }

    /// A new account with an empty repository, `OWNER/NAME`.
    pub fn repository(&self) -> (String, String) {
        let user = self.user();
        self.post("/user/repos", As::User(&user), &json!({ "name": "infra", "default_branch": "main" }))
            .is(201);
        let repository = format!("{user}/infra");
        (user, repository)
    }

    /// A token of a user's; its value.
    pub fn token(&self, user: &str, name: &str, scopes: &[&str]) -> String {
        let token = json!({ "name": name, "scopes": scopes });
        let made = self.post(&format!("/users/{user}/tokens"), As::User(user), &token).is(201);
        made["sha1"].as_str().unwrap().to_owned()
    }

    pub fn get(&self, path: &str, who: As<'_>) -> Answer {
        self.ask(Method::GET, &format!("/api/v1{path}"), who, None)
    }

    pub fn post(&self, path: &str, who: As<'_>, body: &Value) -> Answer {
        self.ask(Method::POST, &format!("/api/v1{path}"), who, Some(&body.to_string()))
    }

    pub fn patch(&self, path: &str, who: As<'_>, body: &Value) -> Answer {
        self.ask(Method::PATCH, &format!("/api/v1{path}"), who, Some(&body.to_string()))
    }

    pub fn delete(&self, path: &str, who: As<'_>) -> Answer {
        self.ask(Method::DELETE, &format!("/api/v1{path}"), who, None)
    }

    /// Any path, and any body.
    pub fn ask(&self, method: Method, path: &str, who: As<'_>, body: Option<&str>) -> Answer {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        let request = match self.authorization(who) {
            Some(value) => request.header("authorization", value),
            None => request,
        };
        let response = match body {
            Some(body) => {
                let typed = request.header("content-type", "application/json");
                self.agent.run(typed.body(body.to_owned()).unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        Answer::read(response.unwrap())
    }

    fn authorization(&self, who: As<'_>) -> Option<String> {
        let basic = |name: &str, password: &str| {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
        };
        match who {
            As::Nobody => None,
            As::Admin => Some(format!("token {}", self.token)),
            As::User(name) => Some(basic(name, PASSWORD)),
            As::Basic(name, password) => Some(basic(name, password)),
            As::Token(value) => Some(format!("token {value}")),
        }
    }

    /// Asks until the answer has this status: some things take Gitea a moment.
    #[track_caller]
    pub fn get_until(&self, path: &str, who: As<'_>, ready: impl Fn(&Answer) -> bool) -> Answer {
        let start = Instant::now();
        loop {
            let answer = self.get(path, who);
            if ready(&answer) {
                return answer;
            }
            assert!(start.elapsed() < LIMIT, "still {answer:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        for name in std::mem::take(&mut *self.made.lock().unwrap()) {
            // Many were never made; a test that fails says more than this can.
            let _ = self.delete(&format!("/admin/users/{name}?purge=true"), As::Admin);
        }
    }
}

/// A client that follows nothing and trusts these.
fn agent(authority: &[u8]) -> ureq::Agent {
    let certificates = parse_pem(authority).filter_map(|item| match item.unwrap() {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(certificates.collect())))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(LIMIT))
        .allow_non_standard_methods(false)
        .tls_config(tls.build());
    config.build().into()
}
