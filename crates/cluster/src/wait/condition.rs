//! The conditions in an object's status.

use std::fmt;

use kube::core::DynamicObject;
use serde::Serialize;
use serde_json::Value;

use crate::text;

/// Longest message that is kept, in characters.
const MAX_MESSAGE: usize = 500;

/// A condition as an object's status has it. Empty is what is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Its type.
    #[serde(rename = "type")]
    pub name: String,
    /// `True`, `False` or `Unknown`; Applications have conditions without.
    pub status: String,
    /// A word for the cause.
    pub reason: String,
    /// For people; one line.
    pub message: String,
}

impl Condition {
    /// All that the object has, as far as they are about its present
    /// generation: those of an earlier one say nothing of what is asked for now.
    pub(super) fn current(object: &DynamicObject) -> Vec<Self> {
        let conditions = object.data["status"]["conditions"].as_array().map_or(&[][..], Vec::as_slice);
        let text = |value: &Value| text::line(value.as_str().unwrap_or_default(), MAX_MESSAGE);
        let condition = |it: &Value| Self {
            name: text(&it["type"]),
            status: text(&it["status"]),
            reason: text(&it["reason"]),
            message: text(&it["message"]),
        };
        let is_current = |it: &&Value| !is_stale(object) && !is_older(&it["observedGeneration"], object);
        conditions.iter().filter(is_current).map(condition).collect()
    }
}

/// Whether the status is about an earlier generation of the object.
pub(super) fn is_stale(object: &DynamicObject) -> bool {
    is_older(&object.data["status"]["observedGeneration"], object)
}

fn is_older(observed: &Value, object: &DynamicObject) -> bool {
    observed.as_i64().zip(object.metadata.generation).is_some_and(|(observed, now)| observed < now)
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (before, text) in [(" is ", &self.status), (", ", &self.reason), (": ", &self.message)] {
            if !text.is_empty() {
                write!(f, "{before}{text}")?;
            }
        }
        Ok(())
    }
}
