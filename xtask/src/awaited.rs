//! What is waited for in the cluster, as it is told to people and programs.

use std::time::{Duration, Instant, SystemTime};

use cluster::{Cluster, Condition, Error, Finding, Kind, Standing, Warning};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::age::age;
use crate::failure::Failure;
use crate::near::first_of;

/// How long the cluster may take after a deadline to tell what it warns of.
pub const EXPLAINING: Duration = Duration::from_secs(3);
/// For how many objects the cluster is asked what it warns of.
const EXPLAINED: usize = 20;
/// How many objects are named in the message of a failure.
const NAMED: usize = 5;

/// An object, as it was seen last.
#[derive(Debug, Serialize)]
pub struct Object {
    kind: Kind,
    namespace: Option<String>,
    name: Option<String>,
    /// Whether it is as it is waited to become.
    pub ready: bool,
    /// In a few words.
    state: String,
    /// Why nothing newer is known.
    trouble: Option<String>,
    condition: Option<Condition>,
    /// The latest, newest first.
    warnings: Vec<Told>,
    /// Why the warnings are not known.
    unknown_warnings: Option<String>,
    #[serde(skip)]
    title: String,
}

/// A warning.
#[derive(Debug, Serialize)]
struct Told {
    object: String,
    reason: String,
    message: String,
    count: u32,
    last: Option<String>,
    #[serde(skip)]
    age: Option<String>,
}

/// Each object there is, and for those that are not ready what the cluster
/// warns of, as far as it tells by `deadline`.
pub async fn objects(cluster: &Cluster, standings: &[Standing], deadline: Instant) -> Vec<Object> {
    let mut objects = Vec::new();
    let mut asking = JoinSet::new();
    for standing in standings {
        let reachable = standing.trouble().is_none();
        for finding in standing.findings() {
            let late = !finding.state.is_ready();
            objects.push(Object::of(&finding, standing));
            if late && reachable && asking.len() < EXPLAINED {
                let (index, cluster) = (objects.len() - 1, cluster.clone());
                asking.spawn(async move { (index, cluster.warnings(&finding).await) });
            }
        }
    }
    while let Ok(Some(told)) = timeout_at(deadline.into(), asking.join_next()).await {
        if let Ok((index, warnings)) = told {
            objects[index].explain(warnings);
        }
    }
    objects
}

impl Object {
    fn of(finding: &Finding, standing: &Standing) -> Self {
        Self {
            kind: finding.kind,
            namespace: finding.namespace.clone(),
            name: finding.name.clone(),
            ready: finding.state.is_ready() && standing.is_current(),
            state: finding.state.text().to_owned(),
            trouble: standing.trouble().map(Error::to_string),
            condition: finding.state.condition().cloned(),
            warnings: Vec::new(),
            unknown_warnings: None,
            title: finding.to_string(),
        }
    }

    /// What it is, and how.
    pub fn headline(&self) -> String {
        format!("{}: {}", self.title, self.state)
    }

    /// Why it is not ready, a line for each cause.
    pub fn reasons(&self) -> Vec<String> {
        let trouble = self.trouble.iter().map(|it| format!("not seen since: {it}"));
        let condition = self.condition.iter().map(|it| format!("condition {it}"));
        let unknown = self.unknown_warnings.iter().map(|it| format!("warnings are not known: {it}"));
        let warnings = self.warnings.iter().map(Told::line);
        trouble.chain(condition).chain(warnings).chain(unknown).collect()
    }

    fn explain(&mut self, warnings: Result<Vec<Warning>, Error>) {
        match warnings {
            Ok(warnings) => self.warnings = warnings.into_iter().map(Told::of).collect(),
            Err(error) => self.unknown_warnings = Some(error.to_string()),
        }
    }
}

impl Told {
    fn of(Warning { object, reason, message, count, last }: Warning) -> Self {
        let age = last.map(|last| age(last, SystemTime::now()));
        let last = last.map(|last| humantime::format_rfc3339_seconds(last).to_string());
        Self { object, reason, message, count, last, age }
    }

    fn line(&self) -> String {
        let age = self.age.as_ref().map(|age| format!(" {age} ago")).unwrap_or_default();
        let count = if self.count > 1 { format!(", {} times", self.count) } else { String::new() };
        format!("warning{age}{count}: {}: {}: {}", self.object, self.reason, self.message)
    }
}

/// The failure of a wait: names what is not ready.
pub fn timed_out(standings: &[Standing]) -> Failure {
    let unready = standings.iter().filter(|standing| !standing.is_ready());
    late(&first_of(NAMED, unready.map(Standing::awaited)))
}

/// The time was up while `what` was waited for.
pub fn late(what: &str) -> Failure {
    let message = format!("the time was up while waiting for {what}");
    Failure::timed_out(message).help("give it more time with `--timeout`")
}
