//! What the API answers when it does not do what it was asked.

use serde_json::{Value, json};

/// A failure, told as a `Status` object.
#[derive(Debug)]
pub struct Failure {
    pub code: u16,
    reason: &'static str,
    message: String,
    details: Option<Value>,
}

/// Seconds a client that was turned away with 429 is told to wait.
pub const RETRY_AFTER_SECONDS: u32 = 1;

impl Failure {
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, reason: reason(code), message: message.into(), details: None }
    }

    pub fn not_found(plural: &str, name: &str) -> Self {
        let details = json!({ "name": name, "kind": plural });
        Self::new(404, format!("{plural} \"{name}\" not found")).with(details)
    }

    /// Fields are wanted that belong to others: these, each with its manager.
    pub fn conflicts(conflicts: &[(String, String)]) -> Self {
        let told = |(manager, field): &(String, String)| format!("conflict with \"{manager}\": {field}");
        let lines = conflicts.iter().map(told).collect::<Vec<_>>().join(", ");
        let plural = if conflicts.len() == 1 { "" } else { "s" };
        let message = format!("Apply failed with {} conflict{plural}: {lines}", conflicts.len());
        let cause = |(manager, field): &(String, String)| {
            json!({
                "reason": "FieldManagerConflict",
                "message": format!("conflict with \"{manager}\""),
                "field": field,
            })
        };
        let causes: Vec<Value> = conflicts.iter().map(cause).collect();
        Self::new(409, message).with(json!({ "causes": causes }))
    }

    /// Nothing new comes into a namespace that goes.
    pub fn terminating(plural: &str, name: &str, namespace: &str) -> Self {
        let why =
            format!("unable to create new content in namespace {namespace} because it is being terminated");
        let cause = json!({
            "reason": "NamespaceTerminating",
            "message": format!("namespace {namespace} is being terminated"),
            "field": "metadata.namespace",
        });
        let details = json!({ "name": name, "kind": plural, "causes": [cause] });
        Self::new(403, format!("{plural} \"{name}\" is forbidden: {why}")).with(details)
    }

    fn with(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }

    pub fn already_exists(plural: &str, name: &str) -> Self {
        let failure = Self::new(409, format!("{plural} \"{name}\" already exists"));
        Self { reason: "AlreadyExists", ..failure }
    }

    pub fn expired(asked: u64, oldest: u64) -> Self {
        Self::new(410, format!("too old resource version: {asked} ({oldest})"))
    }

    /// The `Status` object.
    pub fn status(&self) -> Value {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.code,
        });
        if let Some(details) = &self.details {
            status["details"] = details.clone();
        }
        if self.code == 429 {
            status["details"] = json!({ "retryAfterSeconds": RETRY_AFTER_SECONDS });
        }
        status
    }
}

/// The reason that goes with a code, as `k8s.io/apimachinery` names them.
fn reason(code: u16) -> &'static str {
    match code {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        409 => "Conflict",
        410 => "Expired",
        415 => "UnsupportedMediaType",
        422 => "Invalid",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "Unknown",
    }
}
