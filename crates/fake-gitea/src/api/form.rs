//! The fields of a body.

use serde_json::Value;

use super::Result;
use crate::answer::Answer;

/// An object in JSON.
pub struct Form(Value);

impl Form {
    pub fn read(body: &[u8]) -> Result<Self> {
        match serde_json::from_slice(body) {
            Ok(value @ Value::Object(_)) => Ok(Self(value)),
            Ok(_) => Err(Answer::refusal(422, "the body is no object")),
            Err(error) => Err(Answer::refusal(422, error.to_string())),
        }
    }

    /// A text; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    /// A text that has to be there; 422 if it is not.
    pub fn required(&self, name: &str) -> Result<&str> {
        let text = self.text(name);
        if text.is_empty() { Err(Answer::refusal(422, format!("[{name}]: Required"))) } else { Ok(text) }
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0[name].as_bool()
    }

    /// The texts of a list; none if there is no list.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let list = self.0[name].as_array().into_iter().flatten();
        list.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }
}
