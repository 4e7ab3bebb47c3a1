//! Answers, and what a test expects of them.

use serde_json::Value;
use ureq::http::Response;

/// What it answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
    pub location: String,
    pub challenge: String,
}

impl Answer {
    pub fn read(mut response: Response<ureq::Body>) -> Self {
        let header = |name: &str| {
            let value = response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            value.unwrap_or_default()
        };
        let (location, challenge) = (header("location"), header("www-authenticate"));
        let status = response.status().as_u16();
        let text = response.body_mut().read_to_vec().unwrap();
        Self { status, text: String::from_utf8_lossy(&text).into_owned(), location, challenge }
    }

    /// What it says, if it has this status.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// It has this status, and says this.
    #[track_caller]
    pub fn says(&self, status: u16, words: &str) {
        self.is(status);
        assert!(self.text.contains(words), "not `{words}`: {self:?}");
    }
}
