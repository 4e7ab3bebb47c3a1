//! Pods: whether they are ready, and what keeps them.

use kube::core::DynamicObject;
use serde_json::Value;

use super::condition::Condition;
use super::state::State;
use crate::text;

/// Longest text of a pod that is shown, in characters.
const MAX_TEXT: usize = 300;
/// Why a container waits that is on its way.
const ON_THE_WAY: [&str; 2] = ["ContainerCreating", "PodInitializing"];

/// Ready when its condition `Ready` is `True`, or when it has succeeded.
pub(super) fn ready(pod: &DynamicObject) -> State {
    let status = &pod.data["status"];
    let phase = line(&status["phase"]).unwrap_or_else(|| "Pending".to_owned());
    if phase == "Succeeded" {
        return State::ready("has succeeded");
    }
    let mut conditions = Condition::current(pod);
    if conditions.iter().any(|it| it.name == "Ready" && it.status == "True") {
        return State::ready("its condition Ready is True");
    }
    let unscheduled = conditions.iter().position(|it| it.name == "PodScheduled" && it.status == "False");
    if let Some(position) = unscheduled {
        return State::not_ready(format!("{phase}: it has no node"), Some(conditions.swap_remove(position)));
    }
    let condition = conditions.into_iter().find(|it| it.name == "Ready");
    let why = told(status).or_else(|| culprit(status));
    State::not_ready(why.map_or_else(|| phase.clone(), |why| format!("{phase}: {why}")), condition)
}

/// What is said of the pod as a whole, as when it is evicted.
fn told(status: &Value) -> Option<String> {
    let told = [&status["reason"], &status["message"]].into_iter().filter_map(line);
    Some(told.collect::<Vec<_>>().join(": ")).filter(|told| !told.is_empty())
}

/// The container that says most about what keeps the pod.
fn culprit(status: &Value) -> Option<String> {
    let of = |key: &str| status[key].as_array().map_or(&[][..], Vec::as_slice);
    let containers = || of("initContainerStatuses").iter().chain(of("containerStatuses"));
    let waits = |it: &&Value| it["state"]["waiting"].is_object();
    let is_stuck = |it: &&Value| {
        waits(it) && !ON_THE_WAY.contains(&it["state"]["waiting"]["reason"].as_str().unwrap_or_default())
    };
    let has_failed = |it: &&Value| it["state"]["terminated"]["exitCode"].as_i64().unwrap_or(0) != 0;
    let runs_unready = |it: &&Value| it["state"]["running"].is_object() && it["ready"] == false;
    let found = containers()
        .find(is_stuck)
        .or_else(|| containers().find(has_failed))
        .or_else(|| containers().find(waits))
        .or_else(|| of("containerStatuses").iter().find(runs_unready))?;
    let name = line(&found["name"])?;
    Some(format!("container `{name}` {}", how(found)))
}

fn how(container: &Value) -> String {
    let state = &container["state"];
    if state["waiting"].is_object() {
        let last = &container["lastState"]["terminated"];
        let ended = if last.is_object() { format!("; it {}", ended(last)) } else { String::new() };
        return format!("waits{}{ended}", reasons(&state["waiting"]));
    }
    if state["terminated"].is_object() {
        return ended(&state["terminated"]);
    }
    "runs, and is not ready".to_owned()
}

fn ended(terminated: &Value) -> String {
    let code = terminated["exitCode"].as_i64().unwrap_or_default();
    format!("ended with exit code {code}{}", reasons(terminated))
}

/// `, REASON: message`, as far as they are told.
fn reasons(of: &Value) -> String {
    let parts = [(", ", line(&of["reason"])), (": ", line(&of["message"]))];
    parts.into_iter().filter_map(|(before, text)| Some(format!("{before}{}", text?))).collect()
}

fn line(value: &Value) -> Option<String> {
    let line = text::line(value.as_str()?, MAX_TEXT);
    Some(line).filter(|line| !line.is_empty())
}
