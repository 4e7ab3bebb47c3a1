//! Applications of Argo CD: whether they are healthy and synced.

use kube::core::DynamicObject;
use serde_json::Value;

use super::condition::Condition;
use super::state::State;
use crate::text;

/// Longest text of an Application that is shown, in characters.
const MAX_TEXT: usize = 300;
/// What identifies a source.
const SOURCE_KEYS: [&str; 4] = ["repoURL", "path", "chart", "targetRevision"];

/// Ready when the health of what the Application made is `Healthy`.
pub(super) fn healthy(application: &DynamicObject) -> State {
    if let Some(state) = outdated(application) {
        return state;
    }
    let health = &application.data["status"]["health"];
    match health["status"].as_str() {
        Some("Healthy") => State::ready("Healthy"),
        None | Some("") => State::not_ready("its health is not known yet", error(application)),
        Some(status) => {
            let told = line(&health["message"]).or_else(|| culprit(application, status));
            let status = text::line(status, MAX_TEXT);
            State::not_ready(with(status, told), error(application))
        }
    }
}

/// Ready when what is there is as the source says, and no operation is under way.
pub(super) fn synced(application: &DynamicObject) -> State {
    if let Some(state) = outdated(application) {
        return state;
    }
    let status = &application.data["status"];
    let operation = &status["operationState"];
    let (phase, told) = (operation["phase"].as_str(), line(&operation["message"]));
    if matches!(phase, Some("Running" | "Terminating")) || application.data["operation"].is_object() {
        return State::not_ready(with("its operation is under way".into(), told), error(application));
    }
    match status["sync"]["status"].as_str() {
        Some("Synced") => State::ready("Synced"),
        None | Some("") => {
            State::not_ready("it has not been compared with its source yet", error(application))
        }
        Some(sync) => {
            let failed = matches!(phase, Some("Failed" | "Error"));
            let told = failed.then(|| with("its last operation failed".into(), told));
            State::not_ready(with(text::line(sync, MAX_TEXT), told), error(application))
        }
    }
}

/// Argo CD keeps the state of the source it looked at last until it has looked
/// at a new one; the Application has no generation that would tell.
fn outdated(application: &DynamicObject) -> Option<State> {
    let asked = sources(&application.data["spec"]);
    let compared = sources(&application.data["status"]["sync"]["comparedTo"]);
    let differ = !asked.is_empty() && !compared.is_empty() && asked != compared;
    differ.then(|| State::not_ready("its new source has not been looked at yet", error(application)))
}

/// Each source of `of`, a `spec` or `comparedTo`.
fn sources<'a>(of: &'a Value) -> Vec<[&'a str; 4]> {
    let one = std::slice::from_ref(&of["source"]);
    let sources = of["sources"].as_array().filter(|it| !it.is_empty()).map_or(one, Vec::as_slice);
    let sources = sources.iter().filter(|source| source.is_object());
    let identity = |source: &'a Value| SOURCE_KEYS.map(|key| source[key].as_str().unwrap_or_default());
    sources.map(identity).collect()
}

/// The first resource of the Application that is in the same way.
fn culprit(application: &DynamicObject, status: &str) -> Option<String> {
    let resources = application.data["status"]["resources"].as_array()?;
    let culprit = resources.iter().find(|it| it["health"]["status"] == status)?;
    let name = format!("{} `{}`", line(&culprit["kind"])?, line(&culprit["name"])?);
    Some(with(name, line(&culprit["health"]["message"])))
}

/// The Application's condition of an error, the latest if there are several.
fn error(application: &DynamicObject) -> Option<Condition> {
    Condition::current(application).into_iter().rfind(|it| it.name.ends_with("Error"))
}

fn line(value: &Value) -> Option<String> {
    let line = text::line(value.as_str()?, MAX_TEXT);
    Some(line).filter(|line| !line.is_empty())
}

fn with(text: String, told: Option<String>) -> String {
    told.into_iter().fold(text, |text, told| format!("{text}: {told}"))
}
